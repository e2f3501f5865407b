// Patches of four groups: from a plane to a matrix with one patch in a row, and back.
import { ELEMENT } from "./matrices.ts";

/**
 * Reads the patches of four groups and subtracts each group's mean patch.
 *
 * @param plane Address of the plane, whose rows have `width` bytes.
 * @param patch The side of a patch.
 * @param places Offsets in the plane in bytes, [size][4]: one for each of four groups.
 * @param group Patches of a group.
 * @param size Rows of the matrix; those from `group` on become zeros.
 * @param matrix Where the patches go, a pixel an element; up to 3 elements behind its end are written.
 * @param row Bytes of a row of the matrix.
 * @param mean Where the mean patches go.
 */
export function gather(
  plane: usize,
  width: usize,
  patch: i32,
  places: usize,
  group: i32,
  size: i32,
  matrix: usize,
  row: usize,
  mean: usize,
): void {
  const end = ELEMENT * (patch * patch);
  memory.fill(mean, 0, end);
  for (let i = 0; i < group; i++) {
    const place = places + 16 * i, to = matrix + row * i;
    let a = plane + load<u32>(place), b = plane + load<u32>(place, 4);
    let c = plane + load<u32>(place, 8), d = plane + load<u32>(place, 12);
    let at = to;
    for (let y = 0; y < patch; y++) {
      // What is read beyond a patch's row is overwritten by the next row.
      for (let x = 0; x < patch; x += 4) {
        const offset: usize = 4 * x, four = at + ELEMENT * x;
        const va = v128.load(a + offset), vb = v128.load(b + offset);
        const vc = v128.load(c + offset), vd = v128.load(d + offset);
        const ab = v128.shuffle<i32>(va, vb, 0, 4, 1, 5), cd = v128.shuffle<i32>(vc, vd, 0, 4, 1, 5);
        const AB = v128.shuffle<i32>(va, vb, 2, 6, 3, 7), CD = v128.shuffle<i32>(vc, vd, 2, 6, 3, 7);
        v128.store(four, v128.shuffle<i64>(ab, cd, 0, 2));
        v128.store(four, v128.shuffle<i64>(ab, cd, 1, 3), 16);
        v128.store(four, v128.shuffle<i64>(AB, CD, 0, 2), 32);
        v128.store(four, v128.shuffle<i64>(AB, CD, 1, 3), 48);
      }
      at += ELEMENT * patch;
      a += width;
      b += width;
      c += width;
      d += width;
    }
    for (let l: usize = 0; l < end; l += ELEMENT) {
      v128.store(mean + l, f32x4.add(v128.load(mean + l), v128.load(to + l)));
    }
  }
  const share = f32x4.splat(<f32> 1 / <f32> group);
  for (let l: usize = 0; l < end; l += ELEMENT) {
    v128.store(mean + l, f32x4.mul(v128.load(mean + l), share));
  }
  for (let i = 0; i < group; i++) {
    const at = matrix + row * i;
    for (let l: usize = 0; l < end; l += ELEMENT) {
      v128.store(at + l, f32x4.sub(v128.load(at + l), v128.load(mean + l)));
    }
  }
  memory.fill(matrix + row * group, 0, row * (size - group));
}

/**
 * Adds patches of four groups to a plane: weight times (patch + mean patch).
 *
 * The arguments are those of {@link gather}; rows of the plane have 3 floats more than is written.
 *
 * @param weights One element for each patch.
 */
export function scatter(
  plane: usize,
  width: usize,
  patch: i32,
  places: usize,
  group: i32,
  matrix: usize,
  row: usize,
  mean: usize,
  weights: usize,
): void {
  for (let i = 0; i < group; i++) {
    const place = places + 16 * i, weight = v128.load(weights + ELEMENT * i);
    let a = plane + load<u32>(place), b = plane + load<u32>(place, 4);
    let c = plane + load<u32>(place, 8), d = plane + load<u32>(place, 12);
    let at = matrix + row * i, middle = mean;
    for (let y = 0; y < patch; y++) {
      for (let x = 0; x < patch; x += 4) {
        const left = patch - x, offset: usize = 4 * x;
        const e = weighted(at, middle, weight, 0, left), f = weighted(at, middle, weight, 1, left);
        const g = weighted(at, middle, weight, 2, left), h = weighted(at, middle, weight, 3, left);
        const ef = v128.shuffle<i32>(e, f, 0, 4, 1, 5), gh = v128.shuffle<i32>(g, h, 0, 4, 1, 5);
        const EF = v128.shuffle<i32>(e, f, 2, 6, 3, 7), GH = v128.shuffle<i32>(g, h, 2, 6, 3, 7);
        add(a + offset, v128.shuffle<i64>(ef, gh, 0, 2));
        add(b + offset, v128.shuffle<i64>(ef, gh, 1, 3));
        add(c + offset, v128.shuffle<i64>(EF, GH, 0, 2));
        add(d + offset, v128.shuffle<i64>(EF, GH, 1, 3));
        at += ELEMENT * min(left, 4);
        middle += ELEMENT * min(left, 4);
      }
      a += width;
      b += width;
      c += width;
      d += width;
    }
  }
}

/** The x-th next pixel with its mean and weight; zero if fewer are `left` of the patch's row. */
@inline
function weighted(at: usize, mean: usize, weight: v128, x: usize, left: i32): v128 {
  if (<i32> x >= left) return f32x4.splat(0);
  const offset = ELEMENT * x;
  return f32x4.mul(f32x4.add(v128.load(at + offset), v128.load(mean + offset)), weight);
}

@inline
function add(at: usize, value: v128): void {
  v128.store(at, f32x4.add(v128.load(at), value));
}
