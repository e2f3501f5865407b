// Overlapping tiles of a large picture: their places, and their blending without seams.
import type { Region } from "../degradation/mod.ts";
import type { Image } from "../image/mod.ts";

/** The place of a tile along one axis. */
interface Span {
  readonly start: number;
  readonly length: number;
}

/** The tiles of a picture. */
export interface Tiling {
  readonly height: number;
  readonly width: number;
  /** Pixels that neighbouring tiles share, at least. */
  readonly overlap: number;
  readonly rows: readonly Span[];
  readonly columns: readonly Span[];
  /** In row-major order. */
  readonly regions: readonly Region[];
}

/** Options of {@linkcode computeTiling}. */
export interface TilingOptions {
  /** The longest side of a tile, in pixels. */
  side: number;
  /** Pixels that neighbouring tiles share, at least. @default {an eighth of a side, at least 32} */
  overlap?: number;
  /** Tiles begin at multiples of this, and end at multiples or at the picture's end. @default {1} */
  alignment?: number;
}

/** The default overlap of tiles of a side, in pixels. */
export const defaultOverlap = (side: number): number => Math.max(32, side >> 3);

/**
 * Cuts a picture into overlapping tiles of nearly one size.
 *
 * @param size The picture's size.
 * @param options How large the tiles may be.
 * @returns The tiles, which cover the picture.
 * @throws {RangeError} If a tile has no pixels of its own besides the overlap.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { regions } = computeTiling({ height: 100, width: 60 }, { side: 64, overlap: 16 });
 * assert.deepEqual(regions.map(({ top, height }) => [top, height]), [[0, 58], [42, 58]]);
 * assert.ok(regions.every(({ left, width }) => left === 0 && width === 60));
 * ```
 */
export function computeTiling(
  { height, width }: Pick<Image, "height" | "width">,
  { side, overlap = defaultOverlap(side), alignment = 1 }: TilingOptions,
): Tiling {
  if (overlap + 2 * alignment > side) {
    throw new RangeError(
      `\`side\` must be at least ${
        overlap + 2 * alignment
      }, for an overlap of ${overlap}: got ${side}`,
    );
  }
  const rows = spans(height, side, overlap, alignment),
    columns = spans(width, side, overlap, alignment);
  const regions = rows.flatMap((row) =>
    columns.map((column) => ({
      top: row.start,
      left: column.start,
      height: row.length,
      width: column.length,
    }))
  );
  return { height, width, overlap, rows, columns, regions };
}

function spans(size: number, side: number, overlap: number, alignment: number): Span[] {
  if (size <= side) return [{ start: 0, length: size }];
  // In multiples of the alignment; the last one may reach beyond the picture.
  const [total, longest] = [Math.ceil(size / alignment), Math.floor(side / alignment)];
  const shared = Math.ceil(overlap / alignment);
  const count = Math.ceil((total - shared) / (longest - shared));
  const length = Math.ceil((total + (count - 1) * shared) / count);
  return Array.from({ length: count }, (_, i) => {
    const start = Math.round(i * (total - length) / (count - 1)) * alignment;
    return { start, length: Math.min(length * alignment, size - start) };
  });
}

/**
 * The blending weights of each tile's pixels along one axis: a raised cosine over the overlap with its neighbours,
 * scaled so that the weights of all tiles sum to 1 everywhere.
 *
 * @param spans The tiles along the axis.
 * @param size The axis' length.
 * @returns The weights of each tile.
 */
export function tileWeights(spans: readonly Span[], size: number): Float64Array[] {
  const sums = new Float64Array(size);
  const all = spans.map(({ start, length }, i) => {
    const before = i === 0 ? 0 : spans[i - 1]!.start + spans[i - 1]!.length - start;
    const after = i === spans.length - 1 ? 0 : start + length - spans[i + 1]!.start;
    const rise = (at: number, reach: number) =>
      at >= reach ? 1 : (1 - Math.cos(Math.PI * (at + 0.5) / reach)) / 2;
    const weights = Float64Array.from(
      { length },
      (_, k) => rise(k, before) * rise(length - 1 - k, after),
    );
    weights.forEach((weight, k) => sums[start + k]! += weight);
    return weights;
  });
  return all.map((weights, i) => weights.map((weight, k) => weight / sums[spans[i]!.start + k]!));
}

/** Blends tiles to a picture. */
export interface TileBlender {
  /** Adds a tile; it replaces the background there. */
  add(index: number, tile: Image): void;
  /** A copy of the picture so far. */
  image(): Image;
}

/**
 * Blends tiles to a picture; where a tile is missing, the background shows.
 *
 * @param tiling The tiles.
 * @param ground The background.
 * @returns The blender; its memory is that of one picture, whatever the number of tiles.
 *
 * @example Tiles of the picture give the picture
 * ```ts
 * import assert from "node:assert/strict";
 * import { crop } from "../image/mod.ts";
 *
 * const picture = { height: 1, width: 99, channels: 1, data: Float32Array.from({ length: 99 }, (_, i) => i / 99) } as const;
 * const tiling = computeTiling(picture, { side: 40, overlap: 10 });
 * const mosaic = createTileBlender(tiling, { ...picture, data: new Float32Array(99) });
 * tiling.regions.forEach(({ top, left, height, width }, i) => mosaic.add(i, crop(picture, top, left, height, width)));
 * assert.ok(mosaic.image().data.every((value, i) => Math.abs(value - picture.data[i]!) < 1e-6));
 * ```
 */
export function createTileBlender(tiling: Tiling, ground: Image): TileBlender {
  const rows = tileWeights(tiling.rows, tiling.height);
  const columns = tileWeights(tiling.columns, tiling.width);
  const data = ground.data.slice(), { channels, width } = ground;
  return {
    add(index, tile) {
      const region = tiling.regions[index]!;
      const down = rows[Math.floor(index / columns.length)]!;
      const across = columns[index % columns.length]!;
      for (let y = 0; y < region.height; y++) {
        for (let x = 0; x < region.width; x++) {
          const weight = down[y]! * across[x]!;
          for (let c = 0; c < channels; c++) {
            const at = ((region.top + y) * width + region.left + x) * channels + c;
            const difference = tile.data[(y * region.width + x) * channels + c]! - ground.data[at]!;
            data[at]! += weight * difference;
          }
        }
      }
    },
    image: () => ({ ...ground, data }),
  };
}
