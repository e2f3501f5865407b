// Gives every user of random numbers a seed of its own.
import { mix } from "./_mix.ts";

/**
 * A seed for the stream named `label`, derived from one seed.
 *
 * The network, its input and the noise draw from streams of their own, so that one more draw in
 * one of them changes nothing in the others. The seed is the FNV-1a hash of both, mixed.
 *
 * @param seed The run's seed.
 * @param label The stream's name.
 * @returns A seed, a whole number from 0 to 2^32 - 1.
 *
 * @example Two streams of one run
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(derive(1, "noise"), derive(1, "noise"));
 * assert.notEqual(derive(1, "noise"), derive(1, "network"));
 * assert.notEqual(derive(1, "noise"), derive(2, "noise"));
 * ```
 */
export function derive(seed: number, label: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(`${seed}/${label}`)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return mix(hash) >>> 0;
}
