// The paper's rule: the ratio of blurriness to sharpness settles.
import { check, checkPositive, checkWhole } from "./_check.ts";
import { keepLast, mean } from "./_last.ts";
import { remembering } from "./_remembering.ts";
import { UNDECIDED } from "./_undecided.ts";
import type { StoppingRule } from "./rule.ts";

/** Options for {@linkcode blurSharpness}. */
export interface BlurSharpnessOptions {
  /**
   * `relative` compares the change with the ratio, so that a picture's contrast does not matter;
   * `paper` does what the paper's code does.
   * @default {"relative"}
   */
  form?: "relative" | "paper";
  /** Iterations in each of the two windows; 100 is the paper's. @default {100} */
  window?: number;
  /**
   * The change between the windows below which the run stops, as a fraction of the ratio or, in the
   * `paper` form, of the ratio itself; 0.01 is the paper's.
   * @default {0.01}
   */
  threshold?: number;
}

/**
 * Stops when the output no longer gets sharper, and returns the iterate at hand.
 *
 * With `r` = blurriness / sharpness and `n` the window, `a` the mean of the last `n` ratios and `b`
 * the mean of the `n` before them, it stops at `|b - a| / a < threshold`. The `paper` form stops at
 * `|b - a| < threshold`, where the sharpness, and so the threshold, goes with the picture's
 * contrast. It has the windows of the paper's code: `a` is of the `n - 1` ratios before the one at
 * hand, and the next one before is in neither window.
 *
 * A flat output has no ratio; the rule waits until the windows have passed it.
 *
 * @param options The form, the window and the threshold.
 * @returns The rule.
 * @throws {RangeError} If an option is out of range.
 *
 * @example The defaults, and the paper's code
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(blurSharpness().name, "blur-sharpness");
 * assert.equal(blurSharpness({ form: "paper" }).name, "blur-sharpness-paper");
 * assert.throws(() => blurSharpness({ window: 1 }), RangeError);
 * ```
 */
export function blurSharpness(options: BlurSharpnessOptions = {}): StoppingRule {
  const { form = "relative", window = 100, threshold = 0.01 } = options;
  check(form === "relative" || form === "paper", "form", form, '"relative" or "paper"');
  checkWhole("window", window, 2);
  checkPositive("threshold", threshold);
  const paper = form === "paper";
  return {
    name: paper ? "blur-sharpness-paper" : "blur-sharpness",
    settings: { form, window, threshold },
    watch() {
      // The paper's code first looks at ratio 2n + 1, counted from 0.
      const count = paper ? 2 * window + 2 : 2 * window;
      return remembering({ last: [] as number[] }, ({ last }, { blurriness, sharpness }) => {
        const ratios = keepLast(last, count, blurriness / sharpness);
        if (!ratios) return UNDECIDED;
        const before = mean(paper ? ratios.slice(1, window + 1) : ratios.slice(0, window));
        const recent = mean(paper ? ratios.slice(window + 2, -1) : ratios.slice(window));
        const change = Math.abs(before - recent) / (paper ? 1 : recent);
        if (!Number.isFinite(change)) return UNDECIDED;
        return { value: change, best: true, stop: change < threshold };
      });
    },
  };
}
