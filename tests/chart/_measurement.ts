// A small measurement of two pictures, written by hand.
import { createImage, type Image } from "../../lib/image/mod.ts";
import { errorDecomposition } from "../../lib/spectrum/mod.ts";

/** A plane of 16x16 pixels with power at all frequencies. */
export const plane = Float64Array.from({ length: 256 }, (_, i) => 0.5 + 0.4 * Math.sin(i * i));

/** Three bands of two channels, the last of them empty. */
export const channels = [
  {
    name: "red",
    correspondence: [1, 0.5, null],
    gain: [1.25, 0.5, null],
    coherence: [1, 0.25, null],
  },
  {
    name: "green",
    correspondence: [1, 0.75, null],
    gain: [1, 0.5, null],
    coherence: [1, 0.5, null],
  },
];

const image = (value: (i: number) => number): Image =>
  createImage({
    height: 16,
    width: 16,
    channels: 1,
    data: Float32Array.from({ length: 256 }, (_, i) => value(i)),
  });

/** The account of an output that lacks some of the signal and has some of the noise. */
export const account = errorDecomposition(
  image((i) => plane[i]!),
  image((i) => plane[i]! + 0.1 * Math.cos(i * i * i)),
)(image((i) => 0.8 * plane[i]! + 0.05 * Math.cos(i * i * i) + 0.01 * Math.sin(7 * i)));
