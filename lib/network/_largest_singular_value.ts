// The largest singular value of a matrix, in float64.

/** Steps between two looks at the value. */
const STEPS = 4;

/** A value that has changed by less than this part since the look before has settled; its error is far smaller still. */
const SETTLED = 1e-7;

/**
 * The largest singular value of a matrix M, by Lanczos's method for MᵀM with full reorthogonalisation
 * (Golub and Van Loan, Matrix Computations, section 10.1): exact after as many steps as M has columns,
 * and settled long before.
 *
 * @param matrix Row-major.
 * @param rows Its rows.
 * @param columns Its columns, better the fewer of the two.
 * @returns The singular value.
 */
export function largestSingularValue(
  matrix: ArrayLike<number>,
  rows: number,
  columns: number,
): number {
  const padded = new Float64Array(Math.ceil(rows / 4) * 4 * columns);
  padded.set(matrix);
  // A start with no symmetry that an eigenvector could be orthogonal to.
  let vector: Float64Array = Float64Array.from(
    { length: columns },
    (_, i) => 1 + 0.5 * Math.sin(1 + i * i),
  );
  let length = Math.sqrt(dot(vector, vector));
  const basis: Float64Array[] = [], diagonal: number[] = [], beside: number[] = [];
  for (let last = 0;;) {
    vector = vector.map((value) => value / length);
    basis.push(vector);
    const next = gramProduct(padded, columns, vector);
    diagonal.push(dot(next, vector));
    // The second pass removes what rounding left of the first.
    for (const known of [...basis, ...basis]) {
      const along = dot(next, known);
      for (let i = 0; i < columns; i++) next[i]! -= along * known[i]!;
    }
    length = Math.sqrt(dot(next, next));
    const done = basis.length === columns || !(length > 1e-14 * diagonal[0]!);
    if (done || basis.length % STEPS === 0) {
      const eigenvalue = largestOfTridiagonal(diagonal, beside);
      if (done || eigenvalue - last <= SETTLED * eigenvalue) {
        return Math.sqrt(Math.max(0, eigenvalue));
      }
      last = eigenvalue;
    }
    beside.push(length);
    vector = next;
  }
}

/** MᵀM v, four rows at a time: one sum alone would wait for each addition. */
function gramProduct(matrix: Float64Array, columns: number, vector: Float64Array): Float64Array {
  const product = new Float64Array(columns);
  for (let a = 0; a < matrix.length; a += 4 * columns) {
    const b = a + columns, c = b + columns, d = c + columns;
    let p = 0, q = 0, r = 0, s = 0;
    for (let j = 0; j < columns; j++) {
      const v = vector[j]!;
      p += matrix[a + j]! * v;
      q += matrix[b + j]! * v;
      r += matrix[c + j]! * v;
      s += matrix[d + j]! * v;
    }
    for (let j = 0; j < columns; j++) {
      product[j]! += matrix[a + j]! * p + matrix[b + j]! * q + matrix[c + j]! * r +
        matrix[d + j]! * s;
    }
  }
  return product;
}

/** The largest eigenvalue of a tridiagonal matrix T by bisection: all are below x if every pivot of T - x is negative. */
function largestOfTridiagonal(diagonal: readonly number[], beside: readonly number[]): number {
  const reach = (i: number) => (beside[i - 1] ?? 0) + (beside[i] ?? 0);
  let low = Math.max(...diagonal), high = Math.max(...diagonal.map((d, i) => d + reach(i)));
  const isAbove = (x: number): boolean => {
    let pivot = -1;
    return diagonal.every((d, i) => {
      pivot = d - x - (i === 0 ? 0 : beside[i - 1]! ** 2 / pivot);
      return pivot < 0;
    });
  };
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (isAbove(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
