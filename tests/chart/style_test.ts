import assert from "node:assert/strict";
import { BAND_COLORS, COLORS, TEXT_COLOR } from "../../lib/chart/mod.ts";
import { orderedColor } from "../../lib/chart/style.ts";

/** Pages: white, and the dark one of the most used editor for notebooks. */
const PAGES = ["#ffffff", "#1e1e1e"];

type Rgb = [red: number, green: number, blue: number];

/** Light, by the sRGB standard (IEC 61966-2-1). */
const linear = (color: string): Rgb =>
  [1, 3, 5].map((i) => {
    const value = parseInt(color.slice(i, i + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Rgb;

const luminance = ([r, g, b]: Rgb) => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** WCAG 2.2's contrast ratio. */
function contrast(a: string, b: string): number {
  const [low, high] = [a, b].map((color) => luminance(linear(color))).sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

/** Machado, Oliveira and Fernandes (2009): what is left without one sort of cones. */
const EYES: Record<string, number[][]> = {
  "all cones": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  "no red cones": [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  "no green cones": [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
  ],
  "no blue cones": [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.303900],
  ],
};

/** CIELAB as an eye sees a colour, white point D65. */
function lab(color: string, eye: number[][]): Rgb {
  const light = linear(color);
  const [r, g, b] = eye.map((row) =>
    Math.min(Math.max(row.reduce((sum, weight, i) => sum + weight * light[i]!, 0), 0), 1)
  ) as Rgb;
  const root = (t: number) => t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
  const x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = root(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

Deno.test("text has a contrast of at least 4:1 on light and on dark pages", () => {
  for (const page of PAGES) assert.ok(contrast(TEXT_COLOR, page) >= 4, page);
});

Deno.test("lines have a contrast of at least 3:1 on light and on dark pages", () => {
  for (const color of [...BAND_COLORS, ...COLORS]) {
    for (const page of PAGES) assert.ok(contrast(color, page) >= 3, `${color} on ${page}`);
  }
});

for (const [name, eye] of Object.entries(EYES)) {
  Deno.test(`colours are distinguishable with ${name}`, () => {
    // A difference of 2.3 is just noticeable (Mahy, Van Eycken and Oosterlinck 1994).
    for (const colors of [BAND_COLORS, COLORS]) {
      colors.forEach((a, i) =>
        colors.slice(i + 1).forEach((b) => {
          const difference = Math.hypot(...lab(a, eye).map((value, k) => value - lab(b, eye)[k]!));
          assert.ok(difference > 15, `${a} and ${b}: ${difference}`);
        })
      );
    }
  });
}

Deno.test("bands grow lighter with frequency", () => {
  const light = BAND_COLORS.map((color) => luminance(linear(color)));
  assert.deepEqual(light, light.toSorted((a, b) => a - b));
});

Deno.test("orderedColor() mixes neighbours", () => {
  const [first, second] = BAND_COLORS;
  const middle = [1, 3, 5].map((i) =>
    Math.round((parseInt(first.slice(i, i + 2), 16) + parseInt(second.slice(i, i + 2), 16)) / 2)
  );
  assert.equal(
    orderedColor(1, 9),
    `#${middle.map((c) => c.toString(16).padStart(2, "0")).join("")}`,
  );
});
