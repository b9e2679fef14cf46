// Random numbers that are the same in every run.

const MASK = (1n << 64n) - 1n;

/** At least 0, less than 1; another number for each device and subject (splitmix64). @param {number} device @param {number} subject */
export function unit(device, subject) {
  let mixed = (BigInt(device + 1) * 0x9e3779b97f4a7c15n + BigInt(subject) * 0xbf58476d1ce4e5b9n) & MASK;
  mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return Number((mixed ^ (mixed >> 31n)) >> 11n) / 2 ** 53;
}
