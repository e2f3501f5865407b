// Finds the patches most similar to each reference patch of a row, by the sum of squared differences.
//
// The plane is stored in phases: column x of a row is at [x mod stride][x div stride]. So the same column of
// neighbouring reference patches is contiguous, and four of them fill a vector.

/** Copies a plane of `rows` by `columns` pixels into phases of `length` floats. */
export function splitPhases(
  plane: usize,
  rows: i32,
  columns: i32,
  rowBytes: usize,
  stride: i32,
  length: i32,
  phases: usize,
): void {
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const at: usize = (y * stride + x % stride) * length + x / stride;
      store<f32>(phases + (at << 2), load<f32>(plane + (<usize> x << 2)));
    }
    plane += rowBytes;
  }
}

/**
 * Finds the nearest patches for a row of reference patches.
 *
 * @param phases The window's first row in phases of `length` floats, `stride` of them a row.
 * @param reach Pixels from the window's first row and column to the first reference patch's.
 * @param count Reference patches.
 * @param lanes Columns of a phase that all their patches take, a multiple of 8.
 * @param shifts The window's displacements, pairs (dy, dx) of i32; of equal patches the first are taken.
 * @param origin Offset in bytes of the first reference patch in the planes that the places are for.
 * @param width Bytes of a row of those planes.
 * @param group Patches to find for each, its own among them.
 * @param columns Space for `stride * length + 4` floats.
 * @param tolerances Squared differences below which patches are equally near, [count].
 * @param farthest Space for `lanes` floats.
 * @param distances Space for [count][group] floats.
 * @param places Where the offsets of the patches go in bytes, [count][group], the nearest first.
 */
export function match(
  phases: usize,
  length: i32,
  stride: i32,
  patch: i32,
  reach: i32,
  count: i32,
  lanes: i32,
  shifts: usize,
  shiftCount: i32,
  origin: usize,
  width: usize,
  group: i32,
  columns: usize,
  tolerances: usize,
  farthest: usize,
  distances: usize,
  places: usize,
): void {
  const rowBytes: usize = 4 * stride * length, list: usize = 4 * group;
  const first = phases + rowBytes * reach, four = columns + rowBytes;
  for (let j = 0; j < lanes; j++) {
    store<f32>(farthest + 4 * j, j < count ? f32.MAX_VALUE : -1);
  }
  for (let i = 0; i < count * group; i++) store<f32>(distances + 4 * i, f32.MAX_VALUE);
  for (let t = 0; t < shiftCount; t++) {
    const dy = load<i32>(shifts + 8 * t), dx = load<i32>(shifts + 8 * t, 4);
    for (let c = 0; c < stride; c++) {
      const x = reach + c, u = x + dx;
      sumColumns(
        first + 4 * ((x % stride) * length + x / stride),
        first + rowBytes * dy + 4 * ((u % stride) * length + u / stride),
        rowBytes,
        patch,
        lanes,
        columns + 4 * c * length,
      );
    }
    const shift = origin + width * dy + 4 * dx;
    for (let j = 0; j < count; j += 4) {
      let distance = f32x4.splat(0);
      for (let c = 0; c < min(stride, patch); c++) {
        let from = columns + 4 * (c * length + j);
        for (let x = c; x < patch; x += stride) {
          distance = f32x4.add(distance, v128.load(from));
          from += 4;
        }
      }
      distance = f32x4.max(distance, v128.load(tolerances + 4 * j));
      const nearer = i32x4.bitmask(f32x4.lt(distance, v128.load(farthest + 4 * j)));
      if (!nearer) continue;
      v128.store(four, distance);
      for (let lane = 0; lane < 4; lane++) {
        if (!(nearer & (1 << lane))) continue;
        const own = list * (j + lane), place = shift + 4 * stride * (j + lane);
        const last = insert(
          distances + own,
          places + own,
          group,
          load<f32>(four + 4 * lane),
          <u32> place,
        );
        store<f32>(farthest + 4 * (j + lane), last);
      }
    }
  }
}

/** Squared differences of two places summed down a patch's rows, for `lanes` columns. */
@inline
function sumColumns(
  a: usize,
  b: usize,
  rowBytes: usize,
  patch: i32,
  lanes: i32,
  to: usize,
): void {
  for (let j = 0; j < lanes; j += 8) {
    let sum = f32x4.splat(0), next = sum;
    let above = a + 4 * j, below = b + 4 * j;
    for (let r = 0; r < patch; r++) {
      const d = f32x4.sub(v128.load(above), v128.load(below));
      const e = f32x4.sub(v128.load(above, 16), v128.load(below, 16));
      sum = f32x4.relaxed_madd(d, d, sum);
      next = f32x4.relaxed_madd(e, e, next);
      above += rowBytes;
      below += rowBytes;
    }
    v128.store(to + 4 * j, sum);
    v128.store(to + 4 * j, next, 16);
  }
}

/**
 * Inserts a patch into a list sorted by distance, in place of the farthest.
 *
 * @returns The new distance of the farthest.
 */
@inline
function insert(distances: usize, places: usize, group: i32, distance: f32, place: u32): f32 {
  const end: usize = 4 * (group - 1);
  let at = end;
  while (at > 0) {
    const nearer = load<f32>(distances + at - 4);
    if (nearer <= distance) break;
    store<f32>(distances + at, nearer);
    store<u32>(places + at, load<u32>(places + at - 4));
    at -= 4;
  }
  store<f32>(distances + at, distance);
  store<u32>(places + at, place);
  return load<f32>(distances + end);
}
