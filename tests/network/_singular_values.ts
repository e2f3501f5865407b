// Singular values by Jacobi's method in float64, and matrices of given ones.
import { normals } from "../engine/_agreement.ts";

/** The largest singular value of a `[rows, columns]` matrix, rows <= columns, by cyclic Jacobi rotations of its Gram matrix. */
export function largestSingularValue(w: ArrayLike<number>, rows: number, columns: number): number {
  const g = Array.from({ length: rows }, (_, i) =>
    Float64Array.from({ length: rows }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += w[i * columns + k]! * w[j * columns + k]!;
      return sum;
    }));
  const trace = g.reduce((sum, row, i) => sum + row[i]!, 0);
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0;
    for (let p = 0; p < rows; p++) {
      for (let q = p + 1; q < rows; q++) {
        const apq = g[p]![q]!;
        off += apq * apq;
        if (Math.abs(apq) < 1e-18 * trace) continue;
        const theta = (g[q]![q]! - g[p]![p]!) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1), s = t * c;
        for (const row of g) {
          const [a, b] = [row[p]!, row[q]!];
          row[p] = c * a - s * b;
          row[q] = s * a + c * b;
        }
        const [rowP, rowQ] = [g[p]!, g[q]!];
        for (let k = 0; k < rows; k++) {
          const [a, b] = [rowP[k]!, rowQ[k]!];
          rowP[k] = c * a - s * b;
          rowQ[k] = s * a + c * b;
        }
      }
    }
    if (Math.sqrt(off) < 1e-13 * trace) break;
  }
  return Math.sqrt(Math.max(0, ...g.map((row, i) => row[i]!)));
}

/** A matrix with the singular values given: they are turned by Householder reflections on both sides. */
export function withSingularValues(values: readonly number[]): Float32Array {
  const n = values.length;
  const w = Array.from(
    { length: n },
    (_, i) => Array.from({ length: n }, (_, j) => i === j ? values[i]! : 0),
  );
  for (const seed of [1, 2, 3]) {
    const v = normals([n], seed), size = v.reduce((sum, x) => sum + x * x, 0);
    const reflect = (vector: number[]) => {
      const along = 2 * vector.reduce((sum, x, i) => sum + x * v[i]!, 0) / size;
      return vector.map((x, i) => x - along * v[i]!);
    };
    for (let i = 0; i < n; i++) w[i] = reflect(w[i]!);
    for (let j = 0; j < n; j++) reflect(w.map((row) => row[j]!)).forEach((x, i) => w[i]![j] = x);
  }
  return Float32Array.from(w.flat());
}
