// The verdict of a rule that has not seen enough.
import type { Verdict } from "./rule.ts";

/** A run that ends here returns the iterate at hand. */
export const UNDECIDED: Verdict = { value: NaN, best: true, stop: false };
