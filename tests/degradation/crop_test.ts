// The crop of a problem is the problem of the cropped picture.
import assert from "node:assert/strict";
import {
  deblurring,
  type Degradation,
  denoising,
  enhancement,
  inpainting,
  motionBlur,
  randomMask,
  type Region,
  superResolution,
} from "../../lib/degradation/mod.ts";
import { crop, type Image } from "../../lib/image/mod.ts";
import { assertClose, chance, misfitOf } from "./_operators.ts";

const part = (image: Image, { top, left, height, width }: Region) =>
  crop(image, top, left, height, width);

const picture = chance(24, 20, 3, 1), mask = randomMask(picture, 0.4, 2);
const region: Region = { top: 4, left: 8, height: 12, width: 12 };
const halves: readonly Region[] = [
  { top: 0, left: 0, height: 24, width: 12 },
  { top: 0, left: 12, height: 24, width: 8 },
];

for (
  const problem of [
    denoising(picture),
    denoising(picture, { noise: "poisson" }),
    denoising(picture, { noise: "impulse" }),
    enhancement(picture),
    inpainting(picture, mask),
  ]
) {
  Deno.test(`the data terms of parts add up to the whole's: ${problem.task} ${JSON.stringify(problem.settings)}`, () => {
    const output = chance(24, 20, 3, 3);
    const counts = (problem: Degradation) =>
      problem.known?.data.reduce((a, b) => a + b) ?? problem.observed.data.length;
    const sum = halves.reduce((sum, half) => {
      const cut = problem.crop(half);
      return sum + counts(cut) * misfitOf(cut, part(output, half), cut.observed, cut.known);
    }, 0);
    const whole = misfitOf(problem, output, picture, problem.known);
    assertClose([sum / counts(problem)], [whole]);
  });
}

Deno.test("a part has the samples of its region: observed, initial estimate, known, and result", () => {
  for (const problem of [denoising(picture), enhancement(picture), inpainting(picture, mask)]) {
    const cut = problem.crop(region), base = chance(24, 20, 3, 4);
    assert.deepEqual(cut.observed, part(picture, region));
    assert.deepEqual(cut.initialEstimate, part(problem.initialEstimate, region));
    if (problem.known) assert.deepEqual(cut.known, part(problem.known, region));
    if (problem.finish) {
      assert.deepEqual(cut.finish!(part(base, region)), part(problem.finish(base), region));
    }
    assert.deepEqual([cut.task, cut.isWhite], [problem.task, problem.isWhite]);
  }
});

Deno.test("a part of a blurred picture excludes pixels that depend on the outside", () => {
  const kernel = motionBlur(4, 30),
    blurred = deblurring(picture, kernel),
    cut = blurred.crop(region);
  const x = chance(24, 20, 3, 5), rows = (kernel.height - 1) / 2, columns = (kernel.width - 1) / 2;
  const own = deblurring(part(picture, region), kernel);
  assert.deepEqual(cut.known, own.known);
  // Within the part its blur is the whole's: the whole's data term, of these pixels alone.
  const counted = { ...picture, data: picture.data.map(() => 0) };
  for (let y = region.top + rows; y < region.top + region.height - rows; y++) {
    for (let i = region.left + columns; i < region.left + region.width - columns; i++) {
      counted.data.fill(1, (y * 20 + i) * 3, (y * 20 + i) * 3 + 3);
    }
  }
  assertClose([misfitOf(cut, part(x, region))], [misfitOf(blurred, x, picture, counted)]);
});

Deno.test("a part of a small picture is a part of the large one, at multiples of the factor", () => {
  const problem = superResolution(picture, 4),
    large: Region = {
      top: 16,
      left: 32,
      height: 48,
      width: 48,
    };
  const cut = problem.crop(large), small = part(picture, region);
  assert.equal(problem.alignment, 4);
  assert.deepEqual(cut.observed, small);
  const x = chance(96, 80, 3, 6), own = superResolution(small, 4);
  assert.equal(misfitOf(cut, part(x, large)), misfitOf(own, part(x, large)));
  // Away from the cut, where the kernel of 2 x 4 pixels does not reach over it, the whole's too.
  const within = { ...picture, data: picture.data.map(() => 0) };
  const inside = { ...small, data: small.data.map(() => 0) };
  for (let y = 2; y < 10; y++) {
    for (let i = 2; i < 10; i++) {
      inside.data.fill(1, (y * 12 + i) * 3, (y * 12 + i) * 3 + 3);
      within.data.fill(1, ((y + 4) * 20 + i + 8) * 3, ((y + 4) * 20 + i + 8) * 3 + 3);
    }
  }
  assertClose(
    [misfitOf(cut, part(x, large), small, inside)],
    [misfitOf(problem, x, picture, within)],
  );
});
