// The root of a small correlation matrix.

/** Sweeps of rotations: a 3x3 matrix needs five or six. */
const SWEEPS = 12;

/**
 * The symmetric root of a symmetric matrix, by cyclic Jacobi rotations. Eigenvalues below 0 count as 0, and rows
 * are scaled to the matrix's diagonal again: the root of the nearest matrix that is a correlation.
 *
 * @param matrix The matrix; it is left as it is.
 * @returns R with R R' = the matrix.
 */
export function symmetricRoot(matrix: readonly (readonly number[])[]): number[][] {
  const size = matrix.length, a = matrix.map((row) => [...row]);
  const vectors = a.map((_, i) => a.map((_, j) => i === j ? 1 : 0));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (a[p]![q] === 0) continue;
        const tau = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
        const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.hypot(1, tau));
        const c = 1 / Math.hypot(1, t), s = t * c;
        const rotate = (rows: number[][], k: number, byRow: boolean) => {
          const [x, y] = byRow ? [rows[p]![k]!, rows[q]![k]!] : [rows[k]![p]!, rows[k]![q]!];
          const [u, v] = [c * x - s * y, s * x + c * y];
          if (byRow) [rows[p]![k], rows[q]![k]] = [u, v];
          else [rows[k]![p], rows[k]![q]] = [u, v];
        };
        for (let k = 0; k < size; k++) rotate(a, k, false), rotate(vectors, k, false);
        for (let k = 0; k < size; k++) rotate(a, k, true);
      }
    }
  }
  const roots = a.map((row, i) => Math.sqrt(Math.max(row[i]!, 0)));
  const root = matrix.map((_, i) =>
    matrix.map((_, j) =>
      roots.reduce((sum, value, k) => sum + vectors[i]![k]! * value * vectors[j]![k]!, 0)
    )
  );
  return root.map((row, i) => {
    const length = Math.hypot(...row);
    return row.map((value) => length > 0 ? value * Math.sqrt(matrix[i]![i]!) / length : 0);
  });
}
