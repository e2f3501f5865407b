// One step of NL-Ridge over one tile of a picture: the functions that the worker calls.
//
// A tile is a rectangle of reference patches. Its planes include the windows around them, that is `reach` more pixels
// on each side, even beyond the picture.
import { ELEMENT, mirror, multiply } from "./matrices.ts";
import { match, splitPhases } from "./matching.ts";
import { gather, scatter } from "./patches.ts";
import { colouredRidge, whiteRidge } from "./ridge.ts";

let patch: i32, stride: i32, group: i32, reach: i32, channels: i32;
/** The planes' rows and columns, bytes of a row and of a plane. */
let rows: i32, columns: i32, rowBytes: usize, planeBytes: usize;
/** Of the matching: floats of a phase, and columns of a phase that a row of reference patches takes. */
let phaseLength: i32, lanes: i32;
/** Rows of the matrices, a multiple of 4, and bytes of a row of patches, an even number of pixels. */
let size: i32, patchBytes: usize;

/** Planes of the tile. */
let matched: usize, observed: usize, pilot: usize, variance: usize, sums: usize, weights: usize;
/** The window's displacements; the noise's autocorrelation over distances of two patches. */
let shifts: usize, autocorrelation: usize;
/** Of the matching: the plane in phases, space, and the groups of all reference patches. */
let phases: usize, columnSums: usize, farthest: usize, tolerances: usize;
let distances: usize, places: usize;
/** Of four groups: their places, and offsets in the autocorrelation for each two patches. */
let batch: usize, lags: usize;
/** Of four groups: patches, and their means. */
let y: usize, x: usize, estimate: usize, yMean: usize, xMean: usize;
/** Of four groups: matrices, T among them, and columns. */
let q: usize, t: usize, noise: usize, spare: usize, other: usize;
let energy: usize, gains: usize, column: usize;

/** Padding: vectors may read and write up to 3 floats beyond a row, and 16 beyond a plane. */
const MARGIN: usize = 64;

/** Allocates aligned zeros. */
function space(bytes: usize): usize {
  const at = (heap.alloc(bytes + MARGIN) + 15) & ~15;
  memory.fill(at, 0, bytes);
  return at;
}

/** Allocates the memory for tiles of up to `tileRows` by `tileColumns` reference patches. */
export function open(
  patch_: i32,
  stride_: i32,
  group_: i32,
  reach_: i32,
  channels_: i32,
  tileRows: i32,
  tileColumns: i32,
): void {
  heap.reset();
  patch = patch_;
  stride = stride_;
  group = group_;
  reach = reach_;
  channels = channels_;

  rows = (tileRows - 1) * stride + patch + 2 * reach;
  columns = (tileColumns - 1) * stride + patch + 2 * reach;
  rowBytes = 4 * ((columns + 3 + 3) & ~3);
  planeBytes = rowBytes * rows + MARGIN;
  const planes = planeBytes * channels;
  matched = space(planeBytes);
  observed = space(planes);
  pilot = space(planes);
  variance = space(planes);
  sums = space(planes);
  weights = space(planes);

  const side = 2 * reach + 1;
  shifts = space(8 * side * side);
  autocorrelation = space(4 * channels * side * side);

  const more = (patch + stride - 1) / stride - 1;
  lanes = (tileColumns + more + 7) & ~7;
  phaseLength = columns / stride + 1 + lanes - tileColumns;
  phases = space(4 * (rows * stride * phaseLength + lanes));
  columnSums = space(4 * (stride * phaseLength + 4));
  farthest = space(4 * lanes);
  tolerances = space(4 * lanes);
  distances = space(4 * tileColumns * group);
  places = space(4 * tileRows * tileColumns * group);

  size = (group + 3) & ~3;
  patchBytes = ELEMENT * ((patch * patch + 1) & ~1);
  batch = space(ELEMENT * size);
  lags = space(ELEMENT * size * size);
  y = space(patchBytes * size);
  x = space(patchBytes * size);
  estimate = space(patchBytes * size);
  yMean = space(patchBytes);
  xMean = space(patchBytes);
  const square = ELEMENT * size * size;
  q = space(square);
  t = space(square);
  noise = space(square);
  spare = space(square);
  other = space(square);
  energy = space(ELEMENT * size);
  gains = space(ELEMENT * size);
  column = space(2 * ELEMENT * size);
}

/** Floats of a row of the planes. */
export function rowLength(): usize {
  return rowBytes >> 2;
}
/** Floats from a plane of a channel to the next. */
export function planeLength(): usize {
  return planeBytes >> 2;
}
/** The plane on which patches are matched; beyond the picture it has values that match nothing. */
export function matchedPlane(): usize {
  return matched;
}
/** The noisy planes, [channels]. */
export function observedPlanes(): usize {
  return observed;
}
/** The pilot's planes, [channels], for the second step. */
export function pilotPlanes(): usize {
  return pilot;
}
/** The noise's variance in the patch at each place, [channels]. */
export function variancePlanes(): usize {
  return variance;
}
/** The sums of weighted estimates, [channels]. */
export function sumPlanes(): usize {
  return sums;
}
/** The sum of the weights of the patches at each place, [channels]. */
export function weightPlanes(): usize {
  return weights;
}
/** The displacements of the window, (2 reach + 1)² pairs (dy, dx) of i32. */
export function windowShifts(): usize {
  return shifts;
}
/** The autocorrelation over the distances |dy|, |dx| from 0 to 2 reach, [channels]. */
export function autocorrelations(): usize {
  return autocorrelation;
}

/**
 * Finds the groups of the tile's reference patches.
 *
 * @param tolerance Patches whose squared difference is below this part of what the noise alone makes of it,
 * 2 patch² variances, are equally near.
 */
export function findGroups(tileRows: i32, tileColumns: i32, tolerance: f32): void {
  splitPhases(matched, rows, columns, rowBytes, stride, phaseLength, phases);
  const side = 2 * reach + 1;
  const factor = tolerance * 2 * <f32> (patch * patch);
  for (let i = 0; i < tileRows; i++) {
    const origin = rowBytes * (reach + i * stride) + 4 * reach;
    for (let j = 0; j < tileColumns; j++) {
      store<f32>(tolerances + 4 * j, factor * load<f32>(variance + origin + 4 * j * stride));
    }
    match(
      phases + 4 * (i * stride * stride * phaseLength),
      phaseLength,
      stride,
      patch,
      reach,
      tileColumns,
      lanes,
      shifts,
      side * side,
      origin,
      rowBytes,
      group,
      columnSums,
      tolerances,
      farthest,
      distances,
      places + 4 * (i * tileColumns * group),
    );
  }
}

/**
 * Estimates the patches of the groups and adds them up.
 *
 * @param count The tile's reference patches.
 * @param piloted Whether the Gram matrix is the pilot's (step 2) or the noisy patches' own (step 1).
 * @param white Whether the noise is white, so that the autocorrelation is not read.
 * @param share Of the regression, as `strength` and `sharpened` are: see ridge.ts.
 */
export function estimateGroups(
  count: i32,
  piloted: bool,
  white: bool,
  share: f32,
  strength: f32,
  sharpened: bool,
): void {
  memory.fill(sums, 0, planeBytes * channels);
  memory.fill(weights, 0, planeBytes * channels);
  for (let first = 0; first < count; first += 4) {
    // The last batch may have fewer groups: it repeats the last group, and counts it once.
    const filled = min(4, count - first);
    for (let i = 0; i < group; i++) {
      for (let lane = 0; lane < 4; lane++) {
        const reference = first + min(lane, filled - 1);
        const place = load<u32>(places + 4 * (reference * group + i));
        store<u32>(batch + ELEMENT * i + 4 * lane, place);
      }
    }
    if (!white) findLags();
    for (let c = 0; c < channels; c++) {
      estimateBatch(c, filled, piloted, white, share, strength, sharpened);
    }
  }
}

function estimateBatch(
  channel: i32,
  filled: i32,
  piloted: bool,
  white: bool,
  share: f32,
  strength: f32,
  sharpened: bool,
): void {
  const plane = planeBytes * channel, row = ELEMENT * size, pixels = patch * patch;
  gather(observed + plane, rowBytes, patch, batch, group, size, y, patchBytes, yMean);
  if (piloted) gather(pilot + plane, rowBytes, patch, batch, group, size, x, patchBytes, xMean);
  const source = piloted ? x : y;
  multiply(
    source,
    patchBytes,
    size,
    source,
    patchBytes,
    ELEMENT,
    size,
    pixels,
    q,
    row,
    true,
  );
  for (let i = 0; i < size; i++) {
    const own = i < group ? loadLanes(variance + plane, batch + ELEMENT * i) : f32x4.splat(0);
    v128.store(energy + ELEMENT * i, f32x4.mul(own, f32x4.splat(<f32> pixels)));
  }
  if (white) {
    whiteRidge(q, size, group, energy, share, strength, sharpened, column, spare, t, gains);
  } else {
    findNoise(channel);
    colouredRidge(q, size, group, noise, share, strength, sharpened, column, spare, other, t, gains);
  }
  multiply(
    t,
    row,
    size,
    y,
    ELEMENT,
    patchBytes,
    (pixels + 1) & ~1,
    size,
    estimate,
    patchBytes,
    false,
  );
  for (let i = 0; i < group; i++) {
    let weight = f32x4.div(f32x4.splat(1), v128.load(gains + ELEMENT * i));
    if (filled < 2) weight = f32x4.replace_lane(weight, 1, 0);
    if (filled < 3) weight = f32x4.replace_lane(weight, 2, 0);
    if (filled < 4) weight = f32x4.replace_lane(weight, 3, 0);
    v128.store(gains + ELEMENT * i, weight);
    for (let lane = 0; lane < 4; lane++) {
      const at = weights + plane + load<u32>(batch + ELEMENT * i + 4 * lane);
      store<f32>(at, load<f32>(at) + load<f32>(gains + ELEMENT * i + 4 * lane));
    }
  }
  scatter(sums + plane, rowBytes, patch, batch, group, estimate, patchBytes, yMean, gains);
}

/** Four numbers, each at an offset of its own in bytes. */
@inline
function loadLanes(base: usize, offsets: usize): v128 {
  let value = f32x4.splat(load<f32>(base + load<u32>(offsets)));
  value = f32x4.replace_lane(value, 1, load<f32>(base + load<u32>(offsets, 4)));
  value = f32x4.replace_lane(value, 2, load<f32>(base + load<u32>(offsets, 8)));
  return f32x4.replace_lane(value, 3, load<f32>(base + load<u32>(offsets, 12)));
}

/** The offset in the autocorrelation of each two patches of four groups: 4 (|dy| (2 reach + 1) + |dx|). */
function findLags(): void {
  const side = i32x4.splat(4 * (2 * reach + 1));
  for (let i = 0; i < group; i++) {
    const iy = placeRows(i), ix = v128.load(batch + ELEMENT * i);
    for (let j = 0; j <= i; j++) {
      const jy = placeRows(j), jx = v128.load(batch + ELEMENT * j);
      const dy = i32x4.sub(iy, jy);
      // A place is row bytes times the row and 4 times the column.
      const dx = i32x4.sub(i32x4.sub(ix, jx), i32x4.mul(dy, i32x4.splat(<i32> rowBytes)));
      const lag = i32x4.add(i32x4.mul(i32x4.abs(dy), side), i32x4.abs(dx));
      v128.store(lags + ELEMENT * (i * size + j), lag);
    }
  }
}

/** The rows of the i-th patches of four groups. */
@inline
function placeRows(i: i32): v128 {
  const at = batch + ELEMENT * i;
  let value = i32x4.splat(<i32> (load<u32>(at) / <u32> rowBytes));
  value = i32x4.replace_lane(value, 1, <i32> (load<u32>(at, 4) / <u32> rowBytes));
  value = i32x4.replace_lane(value, 2, <i32> (load<u32>(at, 8) / <u32> rowBytes));
  return i32x4.replace_lane(value, 3, <i32> (load<u32>(at, 12) / <u32> rowBytes));
}

/** N: N(i, j) = sqrt(D(i) D(j)) rho(|dy|, |dx|) for each two patches of four groups. */
function findNoise(channel: i32): void {
  const side = 2 * reach + 1, rho = autocorrelation + 4 * (channel * side * side);
  for (let i = 0; i < size; i++) {
    v128.store(column + ELEMENT * i, f32x4.sqrt(v128.load(energy + ELEMENT * i)));
  }
  for (let i = 0; i < group; i++) {
    const own = v128.load(column + ELEMENT * i);
    for (let j = 0; j <= i; j++) {
      const at = ELEMENT * (i * size + j);
      const product = f32x4.mul(own, v128.load(column + ELEMENT * j));
      v128.store(noise + at, f32x4.mul(product, loadLanes(rho, lags + at)));
    }
  }
  // Beyond the group it is zero since its allocation.
  mirror(noise, size);
}
