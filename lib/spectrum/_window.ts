// Windows that fade a plane out towards its edges.

/** The part of a side, at either end, over which a window falls from 1 to 0. */
const TAPER = { tukey: 1 / 8, hann: 1 / 2 };

/** How a picture is faded out towards its edges; see {@linkcode SpectrumOptions}. */
export type SpectrumWindow = "none" | keyof typeof TAPER;

/** The plane faded out to its mean, so that its edges jump no more and no level is added. */
export function windowed(
  plane: ArrayLike<number>,
  height: number,
  width: number,
  window: SpectrumWindow,
): ArrayLike<number> {
  if (window === "none") return plane;
  const taper = TAPER[window];
  const rows = weights(height, taper), columns = weights(width, taper);
  let mean = 0;
  for (let i = 0; i < plane.length; i++) mean += plane[i]! / plane.length;
  return Float64Array.from(
    plane,
    (value, i) => mean + rows[Math.floor(i / width)]! * columns[i % width]! * (value - mean),
  );
}

/** A raised cosine over `taper` of the side at either end, taken at the pixels' centres. */
function weights(side: number, taper: number): Float64Array {
  return Float64Array.from({ length: side }, (_, i) => {
    const inwards = Math.min(i + 0.5, side - i - 0.5) / side;
    return inwards < taper ? Math.sin(Math.PI / 2 * inwards / taper) ** 2 : 1;
  });
}
