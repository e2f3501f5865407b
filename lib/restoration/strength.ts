// Corrects a noise level that was assumed too high, which would turn a risk estimate's noise upside down.

/** How much of the noise level's square an objective is to count, as the run goes on. */
export interface Strength {
  /** From 0 to 1. */
  readonly value: number;
  /** Takes the noise's gain in an iteration's output into account, unless it is not a finite number. */
  see(gain: number): void;
  /** What it remembers, to be kept in a checkpoint. */
  state(): StrengthState;
  restoreState(state: StrengthState): void;
}

/** The strength and the running mean of the gain. */
export interface StrengthState {
  readonly value: number;
  readonly mean: number;
}

/** How much of the running mean of the gain is kept. */
const MEMORY = 0.9;

/** A gain below this is not chance; a network that smooths has one of 0 or above. */
const NEGATIVE = -0.02;

/** How fast the strength follows. */
const RATE = 0.05;

/**
 * Follows the gain of the noise, the network's divergence per sample. Where σ is assumed too high, a risk
 * estimate is lowest at a negative gain: the network learns to show the noise inverted. No estimate of a
 * picture has a negative gain, so σ² counts less until the gain is 0 (the condition by which UNSURE,
 * Tachella et al. 2025, does without σ). At the right σ the strength stays 1.
 *
 * @returns The strength, 1 to begin with.
 *
 * @example
 * ```ts
 * import { createStrength } from "./strength.ts";
 * import assert from "node:assert/strict";
 * const strength = createStrength();
 * for (let i = 0; i < 50; i++) strength.see(0.1);
 * assert.equal(strength.value, 1);
 * for (let i = 0; i < 50; i++) strength.see(-1.5);
 * assert.ok(strength.value < 0.5);
 * ```
 */
export function createStrength(): Strength {
  let value = 1, mean = 0;
  return {
    get value() {
      return value;
    },
    see(gain) {
      // An iteration that diverged says nothing of the noise, and would stay in the mean for good.
      if (!Number.isFinite(gain)) return;
      mean = MEMORY * mean + (1 - MEMORY) * gain;
      const isOff = value < 1 || mean < NEGATIVE;
      if (isOff) value = Math.min(1, value * Math.exp(RATE * Math.max(mean, -1)));
    },
    state: () => ({ value, mean }),
    restoreState: (state) => void ({ value, mean } = state),
  };
}
