// Tiles of reference patches, and the windows in which similar patches are searched.
import { random } from "../random/mod.ts";

/** The sizes of picture, patches, groups and windows. */
export interface Geometry {
  /** The rows and columns of the planes, which the reference patches at multiples of `stride` cover. */
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The side of a patch. */
  readonly patch: number;
  readonly stride: number;
  /** The number of patches in a group. */
  readonly group: number;
  /** The largest displacement of a patch from its reference, down and across. */
  readonly reach: number;
}

/** A rectangle of reference patches, counted in patches. */
export interface Tile {
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
}

/** A rectangle of pixels inside the picture. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/**
 * The side of a tile in reference patches. Larger tiles have relatively smaller margins; smaller ones fit into the
 * processor's cache and distribute better over the workers.
 */
const SIDE = 32;

/** The tiles of the whole picture, row by row, of nearly equal size. They depend only on the geometry. */
export function tilesOf(geometry: Geometry): Tile[] {
  const { height, width } = geometry;
  const side = largestTile(geometry);
  const rows = parts(references(height, geometry), side.rows);
  const columns = parts(references(width, geometry), side.columns);
  return rows.flatMap(({ start: top, length }) =>
    columns.map((column) => ({ top, left: column.start, rows: length, columns: column.length }))
  );
}

/** The rows and columns of the largest tile. */
export function largestTile({ patch, stride }: Geometry): { rows: number; columns: number } {
  // The matching processes a row's columns eight at a time, to the end of the last reference patch.
  return { rows: SIDE, columns: SIDE + 1 - Math.ceil(patch / stride) };
}

/** The number of reference patches along a side. */
const references = (size: number, { patch, stride }: Geometry) => (size - patch) / stride + 1;

/** Splits `count` items into as few parts of at most `most` as possible, of nearly equal length. */
function parts(count: number, most: number): { start: number; length: number }[] {
  const pieces = Math.ceil(count / most);
  const starts = Array.from({ length: pieces + 1 }, (_, i) => Math.floor(i * count / pieces));
  return starts.slice(1).map((end, i) => ({ start: starts[i]!, length: end - starts[i]! }));
}

/** The row and column where a tile's planes begin; they may be negative. */
export function originOf(tile: Tile, { stride, reach }: Geometry): { top: number; left: number } {
  return { top: tile.top * stride - reach, left: tile.left * stride - reach };
}

/** The part of the picture that a tile reads and adds to. */
export function regionOf(tile: Tile, geometry: Geometry): Region {
  const { height, width, patch, stride, reach } = geometry;
  const origin = originOf(tile, geometry);
  const end = (start: number, count: number) => (start + count - 1) * stride + patch + reach;
  const top = Math.max(origin.top, 0), left = Math.max(origin.left, 0);
  return {
    top,
    left,
    height: Math.min(end(tile.top, tile.rows), height) - top,
    width: Math.min(end(tile.left, tile.columns), width) - left,
  };
}

/**
 * The displacements (dy, dx) of a window in the order of preference among equal patches: 0 first, so that a reference
 * patch is in its own group, then the others in random order. In flat areas a group is so spread over the window;
 * neighbouring patches overlap, and would leave more of the noise.
 */
export function shiftsOf(reach: number): [number, number][] {
  const side = 2 * reach + 1, { uniform } = random(0);
  return Array.from({ length: side ** 2 }, (_, i) => {
    const shift: [number, number] = [Math.floor(i / side) - reach, i % side - reach];
    return { shift, turn: shift[0] === 0 && shift[1] === 0 ? -1 : uniform() };
  }).sort((a, b) => a.turn - b.turn).map(({ shift }) => shift);
}
