// removeArtefacts(): noise or blocks, whichever the picture has, and nothing from a clean one.
import assert from "node:assert/strict";
import {
  addGaussianNoise,
  compressJpeg,
  crop,
  type Image,
  psnr,
  readImage,
} from "../../lib/image/mod.ts";
import { removeArtefacts } from "../../lib/restoration/mod.ts";

const square = async (name: string, side = 96): Promise<Image> =>
  crop(await readImage(`data/${name}.png`), 100, 100, side, side);

/** A picture as a file of 8 bits keeps it. */
const rounded = ({ data, ...rest }: Image): Image => ({
  ...rest,
  data: data.map((value) => Math.round(Math.min(Math.max(value, 0), 1) * 255) / 255),
});

Deno.test("white noise is removed, and its level is told", async () => {
  const clean = await square("astronaut"), noisy = rounded(addGaussianNoise(clean, 10 / 255, 1));
  const { image, removed, sigma } = await removeArtefacts(noisy);
  assert.equal(removed, "noise");
  assert.ok(Math.abs(255 * sigma - 10) < 2, `${255 * sigma}`);
  assert.ok(psnr(image, clean) > psnr(noisy, clean) + 3);
});

Deno.test("a clean picture stays the same", async () => {
  for (const name of ["astronaut", "camera", "chelsea"]) {
    const clean = await square(name), { image, removed } = await removeArtefacts(clean);
    assert.equal(removed, undefined, name);
    assert.equal(image, clean, name);
  }
});

Deno.test("the blocks of a JPEG are removed", async () => {
  for (const name of ["astronaut", "camera"]) {
    const clean = await square(name);
    for (const quality of [20, 75]) {
      const { image: jpeg, quantization } = await compressJpeg(clean, quality);
      const { image, removed } = await removeArtefacts(jpeg, { quantization, quality: "fast" });
      assert.equal(removed, "blocks", `${name} ${quality}`);
      assert.ok(psnr(image, clean) > psnr(jpeg, clean) + 0.3, `${name} ${quality}`);
    }
  }
});

Deno.test("of a JPEG with much noise the noise is removed, of one with little the blocks", async () => {
  const clean = await square("astronaut");
  for (const [level, expected] of [[2, "blocks"], [15, "noise"]] as const) {
    const noisy = rounded(addGaussianNoise(clean, level / 255, 2));
    const { image: jpeg, quantization } = await compressJpeg(noisy, 90);
    const { image, removed } = await removeArtefacts(jpeg, { quantization, quality: "fast" });
    assert.equal(removed, expected);
    assert.ok(psnr(image, clean) > psnr(jpeg, clean), `${level}`);
  }
});

Deno.test("`artefacts` chooses what is removed", async () => {
  const noisy = rounded(addGaussianNoise(await square("astronaut"), 15 / 255, 3));
  const { image: jpeg, quantization } = await compressJpeg(noisy, 90);
  const removed = async (artefacts: "noise" | "blocks") =>
    (await removeArtefacts(jpeg, { quantization, artefacts, quality: "fast" })).removed;
  assert.deepEqual([await removed("noise"), await removed("blocks")], ["noise", "blocks"]);
  await assert.rejects(removeArtefacts(jpeg, { artefacts: "blocks" }), /`quantization`/);
});

Deno.test("pictures below 16 pixels have no noise to estimate", async () => {
  const tiny = await square("astronaut", 12);
  assert.deepEqual(await removeArtefacts(tiny), { image: tiny, sigma: 0 });
});

Deno.test("an aborted removal gives a picture all the same", async () => {
  const { image: jpeg, quantization } = await compressJpeg(await square("camera"), 20);
  const { image } = await removeArtefacts(jpeg, { quantization, signal: AbortSignal.abort() });
  assert.equal(image.data.length, jpeg.data.length);
  assert.ok(image.data.every(Number.isFinite));
});
