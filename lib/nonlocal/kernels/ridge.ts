// The ridge regression of NL-Ridge: from a group's Gram matrix to the weights of its linear combinations.
//
// With N the Gram matrix of the noise, c the share and a the strength of the step:
//   Q = X X' + c N,  A = Q^-1 - (Q^-1 1)(Q^-1 1)' / (1' Q^-1 1),  Theta = I - a N A,
// and T is Theta, or sharpened T = Theta^3 (10 I - 15 Theta + 6 Theta^2), with c = a.
// The rows of Theta and of T sum to one. With c = a, Theta scales a part of the group whose energy is l times the
// noise's by l / (l + a); the polynomial takes it nearly to l^2 / (l^2 + a^2), as the best shrinkage of
// singular values does (Gavish and Donoho 2017, "Optimal Shrinkage of Singular Values"). A patch's gain, the
// part of its noise energy that is left, is (T N T')_ii / N_ii, kept within [1/k, 1].
import { ELEMENT, invert, mirror, multiply } from "./matrices.ts";

/**
 * T and the gains for white noise, whose N is the diagonal D.
 *
 * It is computed from the symmetric D^-1/2 Theta D^1/2, so that half of the elements is enough.
 *
 * @param q X X', its lower triangle; space afterwards.
 * @param size Rows of the matrices, of which the first `group` are the group's.
 * @param energy D: the noise's energy in each patch, [size]; above zero for the group's.
 * @param share c, and `strength`, a.
 * @param sharpened Whether T is sharpened.
 * @param column Space for two columns.
 * @param spare Space for another matrix.
 * @param t Where T goes.
 * @param gains Where the gains go, [size].
 */
export function whiteRidge(
  q: usize,
  size: i32,
  group: i32,
  energy: usize,
  share: f32,
  strength: f32,
  sharpened: bool,
  column: usize,
  spare: usize,
  t: usize,
  gains: usize,
): void {
  const row = ELEMENT * size, one = f32x4.splat(1), zero = f32x4.splat(0);
  // The vector u = D^-1/2 1 replaces 1; beyond the group it is zero.
  const u = column + row;
  for (let i = 0; i < size; i++) {
    const own = f32x4.sqrt(v128.load(energy + ELEMENT * i));
    v128.store(u + ELEMENT * i, i < group ? f32x4.div(one, own) : zero);
  }
  for (let i = 0; i < size; i++) {
    const ui = v128.load(u + ELEMENT * i);
    for (let j = 0; j < i; j++) {
      const at = q + row * i + ELEMENT * j;
      v128.store(at, f32x4.mul(f32x4.mul(v128.load(at), ui), v128.load(u + ELEMENT * j)));
    }
    const at = q + row * i + ELEMENT * i;
    v128.store(at, f32x4.relaxed_madd(f32x4.mul(v128.load(at), ui), ui, f32x4.splat(i < group ? share : 1)));
  }
  invert(q, size, spare);
  makeAffine(q, size, group, u, column);
  toTheta(q, size, strength);
  if (sharpened) sharpen(q, size, spare, t, true);
  else memory.copy(t, q, row * size);
  for (let i = 0; i < group; i++) {
    const ui = v128.load(u + ELEMENT * i);
    let left = zero;
    for (let j = 0; j < group; j++) {
      const at = t + row * i + ELEMENT * j, value = v128.load(at);
      left = f32x4.relaxed_madd(value, value, left);
      v128.store(at, f32x4.div(f32x4.mul(value, v128.load(u + ELEMENT * j)), ui));
    }
    storeGain(gains + ELEMENT * i, left, group);
  }
}

/**
 * T and the gains for noise of any Gram matrix.
 *
 * The arguments are those of {@link whiteRidge}, but
 *
 * @param noise N, zero beyond the group.
 * @param other Space for another matrix.
 */
export function colouredRidge(
  q: usize,
  size: i32,
  group: i32,
  noise: usize,
  share: f32,
  strength: f32,
  sharpened: bool,
  column: usize,
  spare: usize,
  other: usize,
  t: usize,
  gains: usize,
): void {
  const row = ELEMENT * size, factor = f32x4.splat(share), ones = column + row;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const at = row * i + ELEMENT * j;
      v128.store(q + at, f32x4.relaxed_madd(v128.load(noise + at), factor, v128.load(q + at)));
    }
    if (i >= group) v128.store(q + (row + ELEMENT) * i, f32x4.splat(1));
    v128.store(ones + ELEMENT * i, f32x4.splat(i < group ? 1 : 0));
  }
  invert(q, size, spare);
  makeAffine(q, size, group, ones, column);
  multiply(noise, row, size, q, row, ELEMENT, size, size, other, row, false);
  toTheta(other, size, strength);
  if (sharpened) sharpen(other, size, spare, t, false);
  else memory.copy(t, other, row * size);
  multiply(t, row, size, noise, row, ELEMENT, size, size, spare, row, false);
  for (let i = 0; i < group; i++) {
    let left = f32x4.splat(0);
    for (let j = 0; j < size; j++) {
      const at = row * i + ELEMENT * j;
      left = f32x4.relaxed_madd(v128.load(t + at), v128.load(spare + at), left);
    }
    left = f32x4.div(left, v128.load(noise + (row + ELEMENT) * i));
    storeGain(gains + ELEMENT * i, left, group);
  }
}

/** Replaces Q^-1 by A, with the vector `u` instead of 1; beyond the group it is zero. */
function makeAffine(q: usize, size: i32, group: i32, u: usize, sums: usize): void {
  const row = ELEMENT * size;
  let total = f32x4.splat(0);
  for (let i = 0; i < size; i++) {
    if (i >= group) v128.store(q + (row + ELEMENT) * i, f32x4.splat(0));
    let sum = f32x4.splat(0);
    for (let j = 0; j < size; j++) {
      sum = f32x4.relaxed_madd(v128.load(q + row * i + ELEMENT * j), v128.load(u + ELEMENT * j), sum);
    }
    v128.store(sums + ELEMENT * i, sum);
    total = f32x4.relaxed_madd(sum, v128.load(u + ELEMENT * i), total);
  }
  const each = f32x4.div(f32x4.splat(-1), total);
  for (let i = 0; i < size; i++) {
    const own = f32x4.mul(v128.load(sums + ELEMENT * i), each);
    for (let j = 0; j < size; j++) {
      const at = q + row * i + ELEMENT * j;
      v128.store(at, f32x4.relaxed_madd(own, v128.load(sums + ELEMENT * j), v128.load(at)));
    }
  }
}

/** Replaces M by I - a M. */
function toTheta(m: usize, size: i32, strength: f32): void {
  const row = ELEMENT * size, factor = f32x4.splat(-strength);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const at = m + row * i + ELEMENT * j, value = f32x4.mul(v128.load(at), factor);
      v128.store(at, i == j ? f32x4.add(value, f32x4.splat(1)) : value);
    }
  }
}

/** T = Theta^3 (10 I - 15 Theta + 6 Theta^2). Theta is overwritten. */
function sharpen(theta: usize, size: i32, square: usize, t: usize, symmetric: bool): void {
  const row = ELEMENT * size;
  multiply(theta, row, size, theta, ELEMENT, row, size, size, square, row, symmetric);
  if (symmetric) mirror(square, size);
  // The cubes are stored in the place of T; then the polynomial in the place of the cubes' factor; then both are
  // swapped.
  multiply(square, row, size, theta, ELEMENT, row, size, size, t, row, symmetric);
  if (symmetric) mirror(t, size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const at = row * i + ELEMENT * j;
      const linear = f32x4.mul(v128.load(theta + at), f32x4.splat(-15));
      const value = f32x4.relaxed_madd(v128.load(square + at), f32x4.splat(6), linear);
      v128.store(square + at, i == j ? f32x4.add(value, f32x4.splat(10)) : value);
    }
  }
  memory.copy(theta, t, row * size);
  multiply(theta, row, size, square, ELEMENT, row, size, size, t, row, symmetric);
  if (symmetric) mirror(t, size);
}

@inline
function storeGain(at: usize, left: v128, group: i32): void {
  const least = f32x4.splat(<f32> 1 / <f32> group);
  v128.store(at, f32x4.min(f32x4.max(left, least), f32x4.splat(1)));
}
