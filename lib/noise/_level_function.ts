// Smooths noise levels over luminance; some of them were measured in blocks with texture.

/**
 * A variance may exceed that of another luminance by STEP, plus STEEPEST for each level of 255 between them, in the
 * logarithm.
 */
const STEEPEST = 2 * 0.012, STEP = 2 * 0.3;

/** The weight of differences between neighbouring luminances: 3 at a distance of one level of 255. */
const STIFFNESS = 3;

/** Texture only adds variance, so a measurement above the curve has this weight relative to one below. */
const ABOVE = 0.15;

/** The largest excess of the curve over a measured variance, in the logarithm. */
const OVER = 0.3;

/** Rounds of the asymmetric fit. */
const ROUNDS = 8;

/**
 * Smooths measured variances over luminance: the curve passes through trusted ones, and below those that may contain
 * texture.
 *
 * @param measured The variances.
 * @param luminance The luminances, ascending, of 255.
 * @param trust The weight of each measured variance, positive.
 * @returns The variances at the same luminances.
 */
export function smoothLevels(
  measured: readonly number[],
  luminance: readonly number[],
  trust: readonly number[],
): number[] {
  const logs = measured.map((variance) => Math.log(variance));
  const bounded = logs.map((value, b) =>
    logs.reduce(
      (least, other, i) =>
        i === b
          ? least
          : Math.min(least, other + STEEPEST * Math.abs(luminance[b]! - luminance[i]!) + STEP),
      value,
    )
  );
  const stiffness = luminance.slice(1).map((value, i) =>
    STIFFNESS / Math.max(value - luminance[i]!, 2)
  );
  let curve = bounded, weights = trust.slice();
  for (let round = 0; round < ROUNDS; round++) {
    curve = tridiagonal(
      weights.map((weight, b) => weight + (stiffness[b - 1] ?? 0) + (stiffness[b] ?? 0)),
      stiffness.map((value) => -value),
      weights.map((weight, b) => weight * bounded[b]!),
    );
    weights = trust.map((weight, b) => weight * (bounded[b]! > curve[b]! ? ABOVE : 1));
  }
  return curve.map((value, b) => Math.exp(Math.min(value, bounded[b]! + OVER)));
}

/** Solves a symmetric tridiagonal system (Thomas's algorithm). */
function tridiagonal(
  diagonal: readonly number[],
  beside: readonly number[],
  right: readonly number[],
): number[] {
  const pivots = diagonal.slice(), sums = right.slice();
  for (let i = 1; i < pivots.length; i++) {
    const factor = beside[i - 1]! / pivots[i - 1]!;
    pivots[i]! -= factor * beside[i - 1]!;
    sums[i]! -= factor * sums[i - 1]!;
  }
  for (let i = pivots.length - 1; i >= 0; i--) {
    sums[i] = (sums[i]! - (i + 1 < pivots.length ? beside[i]! * sums[i + 1]! : 0)) / pivots[i]!;
  }
  return sums;
}
