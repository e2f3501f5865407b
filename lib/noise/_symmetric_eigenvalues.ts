// The eigenvalues of a small symmetric matrix.

/** A pair is turned no more once its sum of squares is below this part of the matrix's. */
const NEGLIGIBLE = 1e-24;

/**
 * The eigenvalues of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, Matrix
 * Computations, section 8.5), in ascending order.
 *
 * @param matrix The matrix, `[size, size]`; it is left as it is.
 * @param size Its rows and columns.
 * @returns The eigenvalues.
 */
export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  const a = matrix.slice();
  const negligible = NEGLIGIBLE * a.reduce((sum, value) => sum + value * value, 0);
  for (let turned = true; turned;) {
    turned = false;
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        const apq = a[p * size + q]!;
        if (!(apq * apq > negligible)) continue;
        turned = true;
        const tau = (a[q * size + q]! - a[p * size + p]!) / (2 * apq);
        const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.hypot(1, tau));
        const c = 1 / Math.hypot(1, t), s = t * c;
        for (let k = 0; k < size; k++) {
          const x = a[k * size + p]!, y = a[k * size + q]!;
          a[k * size + p] = c * x - s * y;
          a[k * size + q] = s * x + c * y;
        }
        for (let k = 0; k < size; k++) {
          const x = a[p * size + k]!, y = a[q * size + k]!;
          a[p * size + k] = c * x - s * y;
          a[q * size + k] = s * x + c * y;
        }
      }
    }
  }
  return Float64Array.from({ length: size }, (_, i) => a[i * size + i]!).sort();
}
