// Corrects a noise level that was assumed too high, which would turn a risk estimate's noise upside down.

/** How much of the noise level's square an objective is to count, as the run goes on. */
export interface NoiseScale {
  /** From 0 to 1. */
  readonly value: number;
  /** Takes the divergence in an iteration's output into account, unless it is not a finite number. */
  see(divergence: number): void;
  /** Its state as plain data, for a checkpoint. */
  state(): NoiseScaleState;
  restoreState(state: NoiseScaleState): void;
}

/** The noise scale and the running mean of the divergence. */
export interface NoiseScaleState {
  readonly value: number;
  readonly mean: number;
}

/** How much of the running mean of the divergence is kept. */
const MEMORY = 0.9;

/** A divergence below this is not chance; a network that smooths has one of 0 or above. */
const NEGATIVE = -0.02;

/** How fast the noise scale follows. */
const RATE = 0.05;

/**
 * Follows the network's divergence per sample, the noise's gain. Where σ is assumed too high, a risk
 * estimate is lowest at a negative divergence: the network learns to show the noise inverted. No estimate of a
 * picture has one, so σ² counts less until it is 0 (the condition by which UNSURE,
 * Tachella et al. 2025, does without σ). At the right σ the noise scale stays 1.
 *
 * @returns The noise scale, 1 to begin with.
 *
 * @example
 * ```ts
 * import { createNoiseScale } from "./noise_scale.ts";
 * import assert from "node:assert/strict";
 * const noiseScale = createNoiseScale();
 * for (let i = 0; i < 50; i++) noiseScale.see(0.1);
 * assert.equal(noiseScale.value, 1);
 * for (let i = 0; i < 50; i++) noiseScale.see(-1.5);
 * assert.ok(noiseScale.value < 0.5);
 * ```
 */
export function createNoiseScale(): NoiseScale {
  let value = 1, mean = 0;
  return {
    get value() {
      return value;
    },
    see(divergence) {
      // The divergence of an iteration that diverged is no measure of the noise, and would stay in the mean.
      if (!Number.isFinite(divergence)) return;
      mean = MEMORY * mean + (1 - MEMORY) * divergence;
      const isOff = value < 1 || mean < NEGATIVE;
      if (isOff) value = Math.min(1, value * Math.exp(RATE * Math.max(mean, -1)));
    },
    state: () => ({ value, mean }),
    restoreState: (state) => void ({ value, mean } = state),
  };
}
