// Mixes the bits of a word.

/** A one-to-one scrambling of 32-bit words, the finalizer of MurmurHash3. */
export function mix(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}
