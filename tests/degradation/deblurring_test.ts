// Blur is convolution with the kernel, not its mirror image; the border with unknown neighbours is excluded.
import assert from "node:assert/strict";
import {
  type BlurKernel,
  blurKernelFromImage,
  blurred,
  deblurring,
  gaussianBlur,
  motionBlur,
} from "../../lib/degradation/mod.ts";
import { createImage, type Image } from "../../lib/image/mod.ts";
import { applied, assertClose, chance, inner, misfitOf, transposed } from "./_operators.ts";

/** Five by three, no symmetry. */
const CROOKED: BlurKernel = {
  height: 5,
  width: 3,
  weights: Float32Array.from(
    [1, 2, 0, 0, 3, 5, 1, 0, 0, 7, 0, 2, 0, 4, 0],
    (weight) => weight / 25,
  ),
};

/** (k * x) at a pixel: each point of x becomes the kernel. */
function convolved(
  { height, width, weights }: BlurKernel,
  at: (y: number, x: number) => number,
  y: number,
  x: number,
): number {
  let sum = 0;
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      sum += weights[v * width + u]! * at(y - v + (height - 1) / 2, x - u + (width - 1) / 2);
    }
  }
  return sum;
}

/** A pixel, the picture mirrored at its edges without repeating them. */
const mirrored =
  ({ height, width, channels, data }: Image, c: number) => (y: number, x: number) => {
    const fold = (i: number, size: number) => {
      const inside = Math.abs(i);
      return inside < size ? inside : 2 * (size - 1) - inside;
    };
    return data[(fold(y, height) * width + fold(x, width)) * channels + c]!;
  };

Deno.test("the blur is convolution with the kernel wherever it fits", () => {
  const [height, width, channels] = [13, 11, 3] as const, { height: v, width: u } = CROOKED;
  const x = chance(height, width, channels, 1);
  const problem = deblurring(chance(height, width, channels, 2), CROOKED);
  const count = (height - v + 1) * (width - u + 1) * channels;
  const expected = new Float64Array(height * width * channels);
  for (let row = 2; row < height - 2; row++) {
    for (let column = 1; column < width - 1; column++) {
      for (let c = 0; c < channels; c++) {
        const at = mirrored(x, c);
        expected[(row * width + column) * channels + c] = convolved(CROOKED, at, row, column);
      }
    }
  }
  assertClose(applied(problem, x, count), expected);
  // What does not count is exactly what is not known.
  assert.deepEqual(
    problem.known!.data,
    Float32Array.from(expected, (value) => value === 0 ? 0 : 1),
  );
});

Deno.test("deblurring's gradient is the transposed blur: <Ax, y> = <x, A'y>", () => {
  const x = chance(12, 14, 1, 3), y = chance(12, 14, 1, 4), count = 8 * 12;
  const problem = deblurring(y, CROOKED);
  const forward = inner(applied(problem, x, count), y.data);
  const backward = inner(x.data, transposed(problem, y, count));
  assert.ok(Math.abs(forward - backward) < 1e-5 * Math.abs(forward), `${forward} ${backward}`);
});

Deno.test("blurred() is convolution of the mirrored picture, and fits the data term exactly", () => {
  const x = chance(12, 10, 3, 5), soft = blurred(x, CROOKED);
  const expected = x.data.map((_, i) => {
    const pixel = Math.floor(i / 3);
    return convolved(CROOKED, mirrored(x, i % 3), Math.floor(pixel / 10), pixel % 10);
  });
  assertClose(soft.data, expected);
  const problem = deblurring(soft, CROOKED);
  assert.ok(misfitOf(problem, x) < 1e-12);
  assert.ok(misfitOf(problem, x, soft, problem.known) < 1e-12);
});

Deno.test("a point becomes the kernel, not its mirror image", () => {
  const point = createImage({ height: 16, width: 16, channels: 1 });
  point.data[8 * 16 + 8] = 1;
  const { data } = blurred(point, CROOKED);
  for (let v = 0; v < 5; v++) {
    for (let u = 0; u < 3; u++) {
      assert.equal(data[(6 + v) * 16 + 7 + u], CROOKED.weights[v * 3 + u]);
    }
  }
});

Deno.test("excluded samples do not affect deblurring's data term", () => {
  const x = chance(10, 10, 1, 6), y = chance(10, 10, 1, 7), problem = deblurring(y, CROOKED);
  const counted = { ...y, data: y.data.map((_, i) => i % 3 === 0 ? 1 : 0) };
  let sum = 0, count = 0;
  for (let row = 2; row < 8; row++) {
    for (let column = 1; column < 9; column++) {
      const i = row * 10 + column;
      if (!counted.data[i]) continue;
      sum += (convolved(CROOKED, mirrored(x, 0), row, column) - y.data[i]!) ** 2;
      count++;
    }
  }
  assertClose([misfitOf(problem, x, y, counted)], [sum / count]);
});

/** Sum, centre (from the middle, right and up) and spread of a kernel. */
function momentsOf({ height, width, weights }: BlurKernel) {
  let sum = 0, x = 0, y = 0, xx = 0, yy = 0, xy = 0;
  weights.forEach((weight, i) => {
    const right = i % width - (width - 1) / 2, up = (height - 1) / 2 - Math.floor(i / width);
    sum += weight;
    x += weight * right;
    y += weight * up;
    xx += weight * right * right;
    yy += weight * up * up;
    xy += weight * right * up;
  });
  return { sum, x, y, xx, yy, xy };
}

Deno.test("a Gaussian kernel has its standard deviation, down to a point", () => {
  for (const sigma of [0.8, 1.6, 5, 16]) {
    const { sum, x, y, xx, xy } = momentsOf(gaussianBlur(sigma));
    assert.ok(Math.abs(sum - 1) < 1e-5 && Math.abs(x) < 1e-5 && Math.abs(y) < 1e-5);
    // Cut off at three of them, a Gaussian has lost 2.7 % of its variance.
    assert.ok(Math.abs(Math.sqrt(xx) / sigma - 1) < 0.03, `${Math.sqrt(xx)} for ${sigma}`);
    assert.ok(Math.abs(xy) < 1e-4);
  }
  for (const sigma of [1e-3, 1e-160, 5e-324]) {
    const { weights } = gaussianBlur(sigma);
    assert.deepEqual(weights, Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0), `${sigma}`);
  }
});

Deno.test("a motion kernel has its length and direction, with the y-axis upwards", () => {
  for (const [length, angle] of [[20, 0], [20, 30], [31, 90], [15, 135], [40, -20]] as const) {
    const { sum, x, y, xx, yy, xy } = momentsOf(motionBlur(length, angle));
    assert.ok(Math.abs(sum - 1) < 1e-5 && Math.abs(x) < 1e-3 && Math.abs(y) < 1e-3);
    const found = Math.atan2(2 * xy, xx - yy) / 2 * 180 / Math.PI;
    const apart = ((found - angle) % 180 + 180) % 180;
    assert.ok(Math.min(apart, 180 - apart) < 0.5, `${found} instead of ${angle} degrees`);
    // A line of length L has the variance L²/12; sharing a point among its neighbours adds up to 1/4 an axis.
    const more = xx + yy - length ** 2 / 12;
    assert.ok(more > -1e-3 * length ** 2 && more < 0.5, `${more}`);
  }
});

Deno.test("a picture becomes a kernel of odd sides that sums to 1, or is refused", () => {
  const picture = chance(16, 19, 3, 8);
  const { kernel, background, border } = blurKernelFromImage(picture);
  assert.deepEqual([kernel.height, kernel.width, background], [17, 19, 0]);
  assert.ok(border > 0.5 && border <= 1, `${border}`);
  assert.ok(Math.abs(momentsOf(kernel).sum - 1) < 1e-5);
  const total = picture.data.reduce((a, b) => a + b);
  const first = picture.data[0]! + picture.data[1]! + picture.data[2]!;
  assertClose([kernel.weights[0]!], [first / total]);
  assert.throws(
    () => blurKernelFromImage(createImage({ height: 16, width: 16, channels: 1 })),
    /black/,
  );
  assert.throws(() => blurKernelFromImage(chance(16, 102, 1, 1)), /at most 101x101/);
});

/** A Gaussian of 15x15 as a picture whose brightest sample is `most` and darkest `least`. */
function gaussianPicture(least: number, most: number): Image {
  const { height, width, weights } = gaussianBlur(7 / 3);
  const peak = Math.max(...weights);
  const data = weights.map((weight) => least + (most - least) * weight / peak);
  return createImage({ height, width, channels: 1, data });
}

Deno.test("a kernel's picture may be of any size from 1x1", () => {
  const one = createImage({ height: 1, width: 1, channels: 1, data: Float32Array.of(0.2) });
  assert.deepEqual(blurKernelFromImage(one).kernel, {
    height: 1,
    width: 1,
    weights: Float32Array.of(1),
  });
  const box = createImage({ height: 5, width: 5, channels: 1, data: new Float32Array(25).fill(1) });
  const { kernel, background } = blurKernelFromImage(box);
  assert.equal(background, 0, "an even kernel is no background");
  assertClose(kernel.weights, new Array(25).fill(1 / 25));
});

Deno.test("a uniform border that is not dark is subtracted; for another there is a warning", () => {
  const dark = blurKernelFromImage(gaussianPicture(0, 0.8)),
    grey = blurKernelFromImage(gaussianPicture(0.1, 0.8));
  assert.equal(dark.background, 0);
  assert.ok(dark.border < 0.02, `${dark.border}`);
  assert.ok(Math.abs(grey.background - 0.1) < 0.01, `${grey.background}`);
  // The Gaussian's own rim, 1% of its peak, is taken for background too: 2.4% of its weight.
  grey.kernel.weights.forEach((weight, i) => {
    assert.ok(Math.abs(weight - dark.kernel.weights[i]!) < 0.03 * Math.max(...dark.kernel.weights));
  });
  // Cut off at one standard deviation.
  const { height, width, weights } = gaussianBlur(3);
  const rows = Array.from({ length: 7 }, (_, y) => (height - 7) / 2 + y);
  const data = Float32Array.from(rows.flatMap((y) => {
    const from = y * width + (width - 7) / 2;
    return [...weights.subarray(from, from + 7)];
  }));
  const cut = blurKernelFromImage(createImage({ height: 7, width: 7, channels: 1, data }));
  assert.equal(cut.background, 0);
  assert.ok(Math.abs(cut.border - Math.exp(-0.5)) < 0.01, `${cut.border}`);
});

Deno.test("a kernel may be drawn by its opacity", () => {
  const { height, width, weights } = gaussianBlur(1), peak = Math.max(...weights);
  const alpha = weights.map((weight) => weight / peak);
  for (const colour of [0, 0.4, 1]) {
    const data = new Float32Array(3 * weights.length).fill(colour);
    const { kernel } = blurKernelFromImage(
      createImage({ height, width, channels: 3, data, alpha }),
    );
    assertClose(kernel.weights, [...weights]);
  }
  // Bright and dark pixels, partly transparent: both count.
  const data = Float32Array.of(1, 0.5, 1), opacity = Float32Array.of(1, 1, 0.5);
  const mixed = createImage({ height: 1, width: 3, channels: 1, data, alpha: opacity });
  assertClose(blurKernelFromImage(mixed).kernel.weights, [0.5, 0.25, 0.25]);
});

Deno.test("a kernel that does not fit the picture is refused", () => {
  assert.throws(() => deblurring(chance(16, 16, 1, 1), gaussianBlur(5)), /`kernel` of 31x31/);
  assert.throws(() => gaussianBlur(0), /`sigma`/);
  assert.throws(() => motionBlur(0, 0), /`length`/);
  assert.throws(() => motionBlur(5, Infinity), /`angle`/);
});
