// Autocorrelations with a positive spectrum.
import assert from "node:assert/strict";
import { madePositive } from "../../lib/noise/_spectrum.ts";

const SIDE = 8;

/** An autocorrelation over distances from 0 to 7. */
const lags = (rho: (dy: number, dx: number) => number) =>
  Array.from({ length: SIDE ** 2 }, (_, i) => rho(Math.floor(i / SIDE), i % SIDE));

/** Autocorrelations that have not fallen to 0 at a distance of 7, as of a texture that is mistaken for noise. */
const LONG = {
  "a slow fall": lags((dy, dx) => 0.95 ** (dy + dx)),
  "waves across": lags((_dy, dx) => Math.cos(2 * Math.PI * dx / 20)),
  "slanted waves": lags((dy, dx) => Math.cos(0.5 * dy) * Math.cos(0.3 * dx)),
};

/** The naive spectrum on the infinite plane, at an angular frequency along each axis. */
function powerAt(rho: readonly number[], fy: number, fx: number): number {
  const side = Math.sqrt(rho.length);
  const term = (f: number, d: number) => d === 0 ? 1 : 2 * Math.cos(f * d);
  return rho.reduce(
    (sum, value, i) => sum + value * term(fy, Math.floor(i / side)) * term(fx, i % side),
    0,
  );
}

for (const [name, given] of Object.entries(LONG)) {
  Deno.test(`madePositive: ${name}: no power is negative on the infinite plane`, () => {
    const rho = madePositive(given);
    assert.equal(rho[0], 1);
    // Frequencies of no periodic plane that the function uses.
    for (let fy = 0; fy <= Math.PI; fy += 0.077) {
      for (let fx = 0; fx <= Math.PI; fx += 0.077) {
        assert.ok(powerAt(rho, fy, fx) > 0, `${fy}, ${fx}: ${powerAt(rho, fy, fx)}`);
      }
    }
  });
}
