// Encodes the wasm as text that compresses well: base64 would hide repeated bytes from gzip and brotli. A byte below 87 becomes one
// printable character, another byte two. No character needs an escape in strings, templates or inline scripts.

const CHARACTERS = Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)).filter((character) => !/["$'<\\`]/.test(character));
const COUNT = CHARACTERS.length;
// The number of characters that stand for a byte. The last two characters begin a pair.
const SINGLE = COUNT - 2;

/** @param {Uint8Array} bytes */
export function pack(bytes) {
  let text = "";
  for (const byte of bytes) {
    const beyond = byte - SINGLE;
    text += beyond < 0 ? CHARACTERS[byte] : CHARACTERS[SINGLE + Math.floor(beyond / COUNT)] + CHARACTERS[beyond % COUNT];
  }
  return text;
}

/** @param {string} text */
export function unpack(text) {
  const places = new Uint8Array(127);
  CHARACTERS.forEach((character, place) => (places[character.charCodeAt(0)] = place));
  const bytes = new Uint8Array(text.length);
  let length = 0;
  let begun = 0;
  for (let at = 0; at < text.length; at++) {
    const place = places[text.charCodeAt(at)];
    if (!begun && place >= SINGLE) {
      begun = SINGLE + (place - SINGLE) * COUNT;
    } else {
      bytes[length++] = begun + place;
      begun = 0;
    }
  }
  return bytes.subarray(0, length);
}
