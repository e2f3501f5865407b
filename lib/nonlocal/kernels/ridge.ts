// The ridge regression of NL-Ridge: from a group's Gram matrix to the weights of its combinations.
//
// With N the Gram matrix of the noise, c the share and t the strength of the step:
//   Q = X X' + c N,  A = Q^-1 - (Q^-1 1)(Q^-1 1)' / (1' Q^-1 1),  Theta = I - t N A.
// The rows of Theta sum to one. A patch's gain, the part of its noise energy that is left, is
// (Theta N Theta')_ii / N_ii, kept within [1/k, 1].
import { ELEMENT, invert, multiply } from "./matrices.ts";

/**
 * Theta and the gains for white noise, whose N is the diagonal D.
 *
 * @param q X X', its lower triangle; Q's inverse afterwards.
 * @param size Rows of the matrices, of which the first `group` are the group's.
 * @param energy D: the noise's energy in each patch, [size].
 * @param sums Space for a column.
 * @param theta Where Theta goes. It is space for another matrix until then.
 * @param gains Where the gains go, [size].
 */
export function whiteRidge(
  q: usize,
  size: i32,
  group: i32,
  energy: usize,
  share: f32,
  strength: f32,
  sums: usize,
  theta: usize,
  gains: usize,
): void {
  const row = ELEMENT * size;
  for (let i = 0; i < size; i++) {
    const at = q + (row + ELEMENT) * i, own = v128.load(energy + ELEMENT * i);
    v128.store(at, i < group ? f32x4.relaxed_madd(own, f32x4.splat(share), v128.load(at)) : f32x4.splat(1));
  }
  invert(q, size, theta);
  makeAffine(q, size, group, sums);
  for (let i = 0; i < group; i++) {
    const own = v128.load(energy + ELEMENT * i), factor = f32x4.mul(own, f32x4.splat(-strength));
    let left = f32x4.splat(0);
    for (let j = 0; j < size; j++) {
      const at = row * i + ELEMENT * j;
      let value = f32x4.mul(factor, v128.load(q + at));
      if (i == j) value = f32x4.add(value, f32x4.splat(1));
      v128.store(theta + at, value);
      left = f32x4.relaxed_madd(f32x4.mul(value, value), v128.load(energy + ELEMENT * j), left);
    }
    storeGain(gains + ELEMENT * i, left, own, group);
  }
}

/**
 * Theta and the gains for noise of any Gram matrix.
 *
 * The arguments are those of {@link whiteRidge}, but
 *
 * @param noise N, zero beyond the group.
 * @param spare Space for another matrix.
 */
export function colouredRidge(
  q: usize,
  size: i32,
  group: i32,
  noise: usize,
  share: f32,
  strength: f32,
  sums: usize,
  theta: usize,
  spare: usize,
  gains: usize,
): void {
  const row = ELEMENT * size, factor = f32x4.splat(share);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const at = row * i + ELEMENT * j;
      v128.store(q + at, f32x4.relaxed_madd(v128.load(noise + at), factor, v128.load(q + at)));
    }
    if (i >= group) v128.store(q + (row + ELEMENT) * i, f32x4.splat(1));
  }
  invert(q, size, theta);
  makeAffine(q, size, group, sums);
  multiply(noise, row, size, q, row, ELEMENT, size, size, theta, row, false);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const at = theta + row * i + ELEMENT * j;
      const value = f32x4.mul(v128.load(at), f32x4.splat(-strength));
      v128.store(at, i == j ? f32x4.add(value, f32x4.splat(1)) : value);
    }
  }
  multiply(theta, row, size, noise, row, ELEMENT, size, size, spare, row, false);
  for (let i = 0; i < group; i++) {
    let left = f32x4.splat(0);
    for (let j = 0; j < size; j++) {
      const at = row * i + ELEMENT * j;
      left = f32x4.relaxed_madd(v128.load(theta + at), v128.load(spare + at), left);
    }
    storeGain(gains + ELEMENT * i, left, v128.load(noise + (row + ELEMENT) * i), group);
  }
}

/** Replaces Q^-1 by A; beyond the group it is zero. */
function makeAffine(q: usize, size: i32, group: i32, sums: usize): void {
  const row = ELEMENT * size;
  let total = f32x4.splat(0);
  for (let i = 0; i < size; i++) {
    if (i >= group) v128.store(q + (row + ELEMENT) * i, f32x4.splat(0));
    let sum = f32x4.splat(0);
    for (let j = 0; j < size; j++) sum = f32x4.add(sum, v128.load(q + row * i + ELEMENT * j));
    v128.store(sums + ELEMENT * i, sum);
    total = f32x4.add(total, sum);
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

@inline
function storeGain(at: usize, left: v128, energy: v128, group: i32): void {
  const least = f32x4.splat(<f32> 1 / <f32> group);
  v128.store(at, f32x4.min(f32x4.max(f32x4.div(left, energy), least), f32x4.splat(1)));
}
