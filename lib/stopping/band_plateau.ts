// A stopping rule: the highest band of H no longer rises, or has reached a level.
import { checkPositive, checkWholeNumber } from "../check.ts";
import { keepLast, mean, monitorWithState, type StoppingRule, UNDECIDED } from "./rule.ts";

/** Options for {@linkcode bandPlateau}. */
export interface BandPlateauOptions {
  /** The band, counted from 0, the lowest. @default {the highest} */
  band?: number;
  /** Iterations in each of the two windows. @default {50, our choice} */
  window?: number;
  /** The relative rise between the windows below which the band has stopped rising. @default {0.01, our choice} */
  threshold?: number;
  /** The correspondence at which the run stops in any case. @default {none} */
  level?: number;
}

/**
 * Stops when a band's correspondence `H` stops rising, and returns the current iterate.
 *
 * With `a` the mean of the last `window` values of `H` and `b` the mean of as many before, the rule stops at `(a - b)
 * / a < threshold`, but only after that value has been above the threshold: a band that has not begun to rise does
 * not stop the run. With a `level` it also stops at `a >= level`. The rule is for networks with controlled spectral
 * bias, whose highest band stays low. Without control the band goes on rising with the noise, and only the level
 * stops the run in time.
 *
 * @param options The band, the window, the threshold and the level.
 * @returns The rule; its criterion is the relative rise.
 * @throws {RangeError} If an option is out of range; from `observe`, if there is no such band.
 *
 * @example Stop when the highest band is three tenths learned
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(bandPlateau({ level: 0.3 }).name, "plateau");
 * assert.throws(() => bandPlateau({ band: -1 }), RangeError);
 * ```
 */
export function bandPlateau(options: BandPlateauOptions = {}): StoppingRule {
  const { band, window = 50, threshold = 0.01, level } = options;
  if (band !== undefined) checkWholeNumber("band", band, 0);
  checkWholeNumber("window", window, 1);
  checkPositive("threshold", threshold);
  if (level !== undefined) checkPositive("level", level);
  return {
    name: "plateau",
    settings: { band: band ?? null, window, threshold, level: level ?? null },
    monitor() {
      return monitorWithState({ last: [] as number[], hasRisen: false }, (memory, { bands }) => {
        const correspondence = bands[band ?? bands.length - 1];
        if (correspondence === undefined) {
          throw new RangeError(`\`band\` must be below ${bands.length}: got ${band}`);
        }
        const last = keepLast(memory.last, 2 * window, correspondence);
        if (!last) return UNDECIDED;
        const before = mean(last.slice(0, window)), recent = mean(last.slice(window));
        const rise = (recent - before) / recent;
        const stop = memory.hasRisen && rise < threshold || recent >= (level ?? Infinity);
        memory.hasRisen ||= rise >= threshold;
        return { value: Number.isFinite(rise) ? rise : NaN, best: true, stop };
      });
    },
  };
}
