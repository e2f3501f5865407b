// Small dense matrices of four groups at a time: an element is a vector with one number for each group.
//
// A matrix is an address and the number of bytes from one row to the next. Every product is a sum over the last index
// of both factors, C(i, j) = sum over m of A(i, m) B(j, m), so that one routine computes all of them.

/** Bytes of an element. */
export const ELEMENT: usize = 16;

/** The least pivot: a matrix that rounding has made singular then gives numbers, not NaN. */
const LEAST_PIVOT: f32 = 1e-20;

/**
 * A block of 4 rows and 2 columns of C = A B', or of C - A B' if `subtract`.
 *
 * Eight sums in registers: with two multiply-adds in a cycle and a latency of four cycles, eight are in progress.
 *
 * @param a Address of the block's first row of A, `aRow` bytes from the next.
 * @param b The same of B, whose elements are `bStep` bytes apart.
 * @param count Terms of each sum.
 */
@inline
function block(
  a: usize,
  aRow: usize,
  b: usize,
  bRow: usize,
  bStep: usize,
  count: i32,
  c: usize,
  cRow: usize,
  subtract: bool,
): void {
  let s00 = f32x4.splat(0), s10 = s00, s20 = s00, s30 = s00;
  let s01 = s00, s11 = s00, s21 = s00, s31 = s00;
  for (let m = 0; m < count; m++) {
    const b0 = v128.load(b), b1 = v128.load(b + bRow);
    const a0 = v128.load(a), a1 = v128.load(a + aRow);
    s00 = f32x4.relaxed_madd(a0, b0, s00);
    s01 = f32x4.relaxed_madd(a0, b1, s01);
    s10 = f32x4.relaxed_madd(a1, b0, s10);
    s11 = f32x4.relaxed_madd(a1, b1, s11);
    const a2 = v128.load(a + (aRow << 1)), a3 = v128.load(a + aRow * 3);
    s20 = f32x4.relaxed_madd(a2, b0, s20);
    s21 = f32x4.relaxed_madd(a2, b1, s21);
    s30 = f32x4.relaxed_madd(a3, b0, s30);
    s31 = f32x4.relaxed_madd(a3, b1, s31);
    a += ELEMENT;
    b += bStep;
  }
  storePair(c, s00, s01, subtract);
  storePair(c + cRow, s10, s11, subtract);
  storePair(c + cRow * 2, s20, s21, subtract);
  storePair(c + cRow * 3, s30, s31, subtract);
}

@inline
function storePair(c: usize, s0: v128, s1: v128, subtract: bool): void {
  v128.store(c, subtract ? f32x4.sub(v128.load(c), s0) : s0);
  v128.store(c, subtract ? f32x4.sub(v128.load(c, ELEMENT), s1) : s1, ELEMENT);
}

/**
 * C = A B'.
 *
 * @param rows Rows of A and of C, a multiple of 4.
 * @param columns Rows of B and columns of C, even.
 * @param count Columns of A and B.
 * @param lower Whether the blocks above the diagonal of C are left out.
 */
export function multiply(
  a: usize,
  aRow: usize,
  rows: i32,
  b: usize,
  bRow: usize,
  bStep: usize,
  columns: i32,
  count: i32,
  c: usize,
  cRow: usize,
  lower: bool,
): void {
  for (let j = 0; j < columns; j += 2) {
    const bj = b + bRow * j, cj = c + ELEMENT * j;
    for (let i = lower ? j & ~3 : 0; i < rows; i += 4) {
      block(a + aRow * i, aRow, bj, bRow, bStep, count, cj + cRow * i, cRow, false);
    }
  }
}

/** C - A B' for a 4 by 4 C; the three matrices have the same row length. */
function subtractProduct(a: usize, b: usize, row: usize, count: i32, c: usize): void {
  block(a, row, b, row, ELEMENT, count, c, row, true);
  block(a, row, b + row * 2, row, ELEMENT, count, c + ELEMENT * 2, row, true);
}

/** C / L' for a C and a lower triangle L of 4 by 4, the reciprocals on L's diagonal. */
function divideByTriangle(c: usize, l: usize, row: usize): void {
  for (let i = 0; i < 4; i++) {
    for (let j = 0; j < 4; j++) {
      let value = v128.load(c + ELEMENT * j);
      for (let m = 0; m < j; m++) {
        const product = f32x4.mul(v128.load(c + ELEMENT * m), v128.load(l + row * j + ELEMENT * m));
        value = f32x4.sub(value, product);
      }
      v128.store(c + ELEMENT * j, f32x4.mul(value, v128.load(l + row * j + ELEMENT * j)));
    }
    c += row;
  }
}

/** Cholesky's factor of a matrix of 4 by 4 in its place, the reciprocals on the diagonal. */
function factorBlock(q: usize, row: usize): void {
  const one = f32x4.splat(1), least = f32x4.splat(LEAST_PIVOT);
  for (let j = 0; j < 4; j++) {
    const qj = q + row * j, pivot = qj + ELEMENT * j;
    for (let i = j; i < 4; i++) {
      const qi = q + row * i, at = qi + ELEMENT * j;
      let value = v128.load(at);
      for (let m = 0; m < j; m++) {
        value = f32x4.sub(value, f32x4.mul(v128.load(qi + ELEMENT * m), v128.load(qj + ELEMENT * m)));
      }
      value = i == j
        ? f32x4.div(one, f32x4.sqrt(f32x4.max(value, least)))
        : f32x4.mul(value, v128.load(pivot));
      v128.store(at, value);
    }
  }
}

/**
 * Replaces a symmetric positive definite matrix Q, of which the lower triangle is read, by its inverse.
 *
 * Q = L L' by Cholesky, M from M L' = I (so M is the transpose of L's inverse), and the inverse is M M'.
 * All three go by blocks of 4 by 4.
 *
 * @param size Rows, a multiple of 4.
 * @param m Space for M.
 */
export function invert(q: usize, size: i32, m: usize): void {
  const row = ELEMENT * size;
  for (let j = 0; j < size; j += 4) {
    const qj = q + row * j, diagonal = qj + ELEMENT * j;
    subtractProduct(qj, qj, row, j, diagonal);
    factorBlock(diagonal, row);
    for (let i = j + 4; i < size; i += 4) {
      const qi = q + row * i;
      subtractProduct(qi, qj, row, j, qi + ELEMENT * j);
      divideByTriangle(qi + ELEMENT * j, diagonal, row);
    }
  }
  // M is an upper triangle: a sum along its row i begins at column i.
  for (let i = 0; i < size; i += 4) {
    const start = m + row * i + ELEMENT * i;
    for (let j = i; j < size; j += 4) {
      const c = m + row * i + ELEMENT * j, qj = q + row * j;
      for (let r = 0; r < 4; r++) {
        memory.fill(c + row * r, 0, ELEMENT * 4);
        if (i == j) v128.store(c + row * r + ELEMENT * r, f32x4.splat(1));
      }
      subtractProduct(start, qj + ELEMENT * i, row, j - i, c);
      divideByTriangle(c, qj + ELEMENT * j, row);
    }
  }
  for (let i = 0; i < size; i += 4) {
    const mi = m + ELEMENT * i;
    for (let j = 0; j < i + 4; j += 2) {
      const c = q + row * i + ELEMENT * j;
      block(mi + row * i, row, mi + row * j, row, ELEMENT, size - i, c, row, false);
    }
  }
  mirror(q, size);
}

/** Copies the lower triangle of a square matrix to the upper one. */
export function mirror(q: usize, size: i32): void {
  const row = ELEMENT * size;
  for (let i = 1; i < size; i++) {
    for (let j = 0; j < i; j++) {
      v128.store(q + row * j + ELEMENT * i, v128.load(q + row * i + ELEMENT * j));
    }
  }
}
