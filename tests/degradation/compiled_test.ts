// The data term of every task and its gradients, native and on tfjs's cpu backend.
import assert from "node:assert/strict";
import {
  deblocking,
  deblurring,
  type Degradation,
  denoising,
  enhancement,
  inpainting,
  motionBlur,
  randomMask,
  superResolution,
} from "../../lib/degradation/mod.ts";
import type { tf } from "../../lib/engine/mod.ts";
import type { Image } from "../../lib/image/mod.ts";
import { disagreement, withGradients } from "../engine/_agreement.ts";
import { CHROMINANCE, LUMINANCE } from "./_jpeg.ts";
import { chance } from "./_operators.ts";

const picture = chance(19, 22, 3, 1), grey = chance(17, 24, 1, 2);
const tables = { luminance: LUMINANCE, chrominance: CHROMINANCE };

const PROBLEMS: Record<string, Degradation> = {
  "Gaussian noise": denoising(picture),
  "Poisson noise": denoising(picture, { noise: "poisson" }),
  "salt and pepper": denoising(picture, { noise: "impulse" }),
  "holes": inpainting(picture, randomMask(picture, 0.5, 1)),
  "few pixels": superResolution(chance(6, 5, 3, 3), 4),
  "blur": deblurring(picture, motionBlur(5, 20)),
  "JPEG in colour": deblocking(picture, { ...tables, subsampling: [2, 2] }),
  "JPEG in grey, turned": deblocking(grey, { ...tables, subsampling: [1, 1], fromBottom: true }),
  "detail": enhancement(picture),
};

const shapeOf = ({ height, width, channels }: Image) => [1, height, width, channels];

for (const [name, problem] of Object.entries(PROBLEMS)) {
  Deno.test(`one compiled step agrees with the cpu backend to 1e-5: ${name}`, async () => {
    // JPEG's term takes no weights.
    const shapes = {
      output: shapeOf(problem.initialEstimate),
      observed: shapeOf(problem.observed),
      ...problem.isSamplewise ? { counted: shapeOf(problem.observed) } : {},
    };
    const step = withGradients((output, observed, counted) =>
      problem.misfit(output!, observed!, counted?.square() as tf.Tensor | undefined)
    );
    const error = await disagreement(step, shapes);
    assert.ok(error < 1e-5, `${error}`);
  });
}

Deno.test("one compiled step agrees with the cpu backend to 1e-5: the filling of holes", async () => {
  const { fill } = inpainting(picture, randomMask(picture, 0.5, 1));
  const [, height, width] = shapeOf(picture) as [number, number, number, number];
  const shapes = { observed: shapeOf(picture), visible: [1, height, width, 1] };
  // Visible or not is between 0 and 1; the inputs are normally distributed.
  const error = await disagreement(
    withGradients((observed, visible) => fill!(observed!, visible!.sigmoid())),
    shapes,
  );
  assert.ok(error < 1e-5, `${error}`);
});
