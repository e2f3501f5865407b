// Runs the kernels on one tile.
import * as kernels from "./kernels.wasm";
import type { Reply, Step } from "./_protocol.ts";
import { largestTile, originOf, regionOf, shiftsOf, type Tile } from "./_tiles.ts";

/** A sample value so large that patches beyond the picture's end are never among the nearest. */
const NOWHERE = 1e15;

/** The step for which the kernels' memory is laid out. */
let opened: Step | undefined;

/** Lays out the kernels' memory for a step, and copies what is the same for all tiles. */
export function openStep(step: Step): void {
  const { patch, stride, group, reach, channels, variance, autocorrelation } = step;
  const { rows, columns } = largestTile(step);
  kernels.open(patch, stride, group, reach, channels, rows, columns);
  new Int32Array(kernels.memory.buffer, kernels.windowShifts()).set(shiftsOf(reach).flat());
  const side = 2 * reach + 1;
  autocorrelation?.forEach((rho, c) => floats(kernels.autocorrelations(), c * side ** 2).set(rho));
  variance.forEach((value, c) => {
    const plane = floats(kernels.variancePlanes(), c * kernels.planeLength());
    if (typeof value === "number") plane.fill(value, 0, kernels.planeLength());
  });
  opened = step;
}

/** Denoises the patches of a tile's groups, for the step set by {@linkcode openStep}. */
export function estimateTile(tile: Tile): Omit<Reply, "index"> {
  const step = opened!;
  const { observed, pilot, variance, channels } = step;
  place((pilot ?? observed)[0]!, step, tile, kernels.matchedPlane(), NOWHERE);
  const length = kernels.planeLength() * Float32Array.BYTES_PER_ELEMENT;
  for (let c = 0; c < channels; c++) {
    const at = c * length, level = variance[c]!;
    place(observed[c]!, step, tile, kernels.observedPlanes() + at, 0);
    if (pilot) place(pilot[c]!, step, tile, kernels.pilotPlanes() + at, 0);
    if (typeof level !== "number") place(level, step, tile, kernels.variancePlanes() + at, 0);
  }
  kernels.findGroups(tile.rows, tile.columns, step.tolerance);
  kernels.estimateGroups(
    tile.rows * tile.columns,
    pilot ? 1 : 0,
    step.autocorrelation ? 0 : 1,
    step.share,
    step.strength,
    step.sharpened ? 1 : 0,
  );
  return {
    sums: taken(step, tile, kernels.sumPlanes()),
    weights: taken(step, tile, kernels.weightPlanes()),
  };
}

/** The kernels' memory from an address on, after `skip` floats. */
const floats = (address: number, skip = 0): Float32Array =>
  new Float32Array(kernels.memory.buffer, address).subarray(skip);

/** Copies the tile's part of a plane to an address; pixels beyond the picture's end become `beyond`. */
function place(plane: Float32Array, step: Step, tile: Tile, address: number, beyond: number): void {
  const origin = originOf(tile, step), { top, left, height, width } = regionOf(tile, step);
  const row = kernels.rowLength(), to = floats(address);
  to.fill(beyond, 0, Math.floor(kernels.planeLength() / row) * row);
  for (let y = top; y < top + height; y++) {
    const from = y * step.width + left;
    to.set(plane.subarray(from, from + width), (y - origin.top) * row + left - origin.left);
  }
}

/** A copy of the region's part of planes at an address, `[channels, height, width]`. */
function taken(step: Step, tile: Tile, address: number): Float32Array<ArrayBuffer> {
  const origin = originOf(tile, step), { top, left, height, width } = regionOf(tile, step);
  const row = kernels.rowLength(), copy = new Float32Array(step.channels * height * width);
  for (let c = 0, at = 0; c < step.channels; c++) {
    const plane = floats(address, c * kernels.planeLength());
    for (let y = top; y < top + height; y++, at += width) {
      const from = (y - origin.top) * row + left - origin.left;
      copy.set(plane.subarray(from, from + width), at);
    }
  }
  return copy;
}
