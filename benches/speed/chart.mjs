// A bar chart: a panel for each measurement, a row for each peer.
const [LEFT, TOP, WIDTH, GAP, ROW] = [210, 60, 150, 30, 26];

// Colours for light and dark colour schemes.
const STYLE = `
.ground { fill: #fff } .text { fill: #1f2328 } .faint { fill: #59636e } .bar { fill: #afb8c1 } .own { fill: #0b6bcb }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117 } .text { fill: #f0f6fc } .faint { fill: #9198a1 } .bar { fill: #57606a } .own { fill: #58a6ff }
}`;

/** @typedef {{ title: string, bars: { name: string, isOwn: boolean, value: number, text: string }[] }} Panel */

/** @param {Panel[]} panels all with the same rows */
export function chart(panels) {
  const [width, height] = [LEFT + panels.length * (WIDTH + GAP), TOP + panels[0].bars.length * ROW + 14];
  const names = panels[0].bars.map(
    ({ name, isOwn }, row) =>
      `<text x="${LEFT - 12}" y="${TOP + row * ROW + 16}" text-anchor="end" class="text"${isOwn ? ' font-weight="600"' : ""}>${name}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12">
<style>${STYLE}
</style>
<rect width="100%" height="100%" class="ground"/>
<text x="${LEFT}" y="22" class="faint">The first panel: longer is better. All others: shorter is better.</text>
${names.join("\n")}
${panels.map(panel).join("\n")}
</svg>
`;
}

/** @param {Panel} panel @param {number} column */
function panel({ title, bars }, column) {
  const longest = Math.max(...bars.map(({ value }) => value));
  // Leaves space for the number beside the longest bar.
  /** @param {number} value */
  const length = (value) => Math.max((value / longest) * (WIDTH - 52), 1).toFixed(1);
  const drawn = bars.map(({ isOwn, value, text }, row) => {
    const y = row * ROW;
    return (
      `<rect y="${y + 4}" width="${length(value)}" height="${ROW - 9}" rx="2" class="${isOwn ? "own" : "bar"}"/>` +
      `<text x="${Number(length(value)) + 5}" y="${y + 16}" class="${isOwn ? "text" : "faint"}">${text}</text>`
    );
  });
  return `<g transform="translate(${LEFT + column * (WIDTH + GAP)} ${TOP})">
<text y="-8" font-weight="600" class="text">${title}</text>
${drawn.join("\n")}
</g>`;
}
