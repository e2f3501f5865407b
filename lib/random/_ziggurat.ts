// The tables of the ziggurat that normal random numbers are drawn from.

/** The number of layers of equal area that cover the density exp(-x^2 / 2), x > 0. */
export const LAYERS = 128;

/** Where the tail begins and the area of a layer, for 128 layers (Marsaglia and Tsang 2000). */
export const TAIL = 3.442619855899;
const AREA = 9.91256303526217e-3;

const density = (x: number) => Math.exp(-0.5 * x * x);

/**
 * The right edge of each layer. Layer 0 is the base, whose edge stands for its tail too; the edge
 * of a layer is where the one below has its full height.
 */
export const EDGE = new Float64Array(LAYERS + 1);
EDGE[0] = AREA / density(TAIL);
EDGE[1] = TAIL;
for (let i = 2; i < LAYERS; i++) {
  const below = EDGE[i - 1]!;
  EDGE[i] = Math.sqrt(-2 * Math.log(AREA / below + density(below)));
}

/** The density at each edge. */
export const HEIGHT = EDGE.map(density);
