// Decodes text files as Windows programs write them: in UTF-8, in UTF-16, or in the code page of western Windows.

/** How much of a file without a byte order mark is looked at. */
const SAMPLE = 1_024;

/** The text. TextDecoder removes the byte order mark. @param {Uint8Array<ArrayBuffer>} bytes */
export function decoded(bytes) {
  const wide = wideEncoding(bytes);
  if (wide !== undefined) return new TextDecoder(wide).decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** @param {Uint8Array} bytes */
function wideEncoding(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  // Without the mark, UTF-16 shows by its zeros: every second byte of what is mostly ASCII.
  const sample = bytes.subarray(0, SAMPLE);
  const zeros = [0, 0];
  sample.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2] += 1;
  });
  if (zeros[1] > sample.length / 4 && zeros[0] === 0) return "utf-16le";
  if (zeros[0] > sample.length / 4 && zeros[1] === 0) return "utf-16be";
  return undefined;
}
