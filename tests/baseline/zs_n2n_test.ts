// zsN2n(): its parts against plain arithmetic, its gain, its errors.
import assert from "node:assert/strict";
import {
  denoiseInTiles,
  halves,
  noiseNetwork,
  zsN2nLoss,
} from "../../lib/baseline/_zs_n2n_network.ts";
import { zsN2n } from "../../lib/baseline/mod.ts";
import { tf } from "../../lib/engine/mod.ts";
import { addGaussianNoise, psnr } from "../../lib/image/mod.ts";
import { constant, largestDifference, SIGMA, square, waves, withAlpha } from "./_pictures.ts";

/** Runs and checks that no tensor is left behind. */
async function withoutLeaks(test: () => Promise<void> | void): Promise<void> {
  const before = tf.memory().numTensors;
  await test();
  assert.equal(tf.memory().numTensors, before, "no tensors are left behind");
}

/** The means of the two diagonals of every 2x2 block: D1 the upper right and lower left. */
function diagonals(x: ArrayLike<number>, height: number, width: number, channels: number) {
  const at = (y: number, column: number, c: number) => x[(y * width + column) * channels + c]!;
  const d1: number[] = [], d2: number[] = [];
  for (let y = 0; y < height; y += 2) {
    for (let column = 0; column < width; column += 2) {
      for (let c = 0; c < channels; c++) {
        d1.push((at(y, column + 1, c) + at(y + 1, column, c)) / 2);
        d2.push((at(y, column, c) + at(y + 1, column + 1, c)) / 2);
      }
    }
  }
  return [d1, d2] as const;
}

Deno.test("the halves of a picture are the means of the two diagonals", async () => {
  await withoutLeaks(() =>
    tf.tidy(() => {
      for (const channels of [1, 3] as const) {
        const { data } = waves(4, 6, channels);
        const [d1, d2] = halves(tf.tensor4d(data, [1, 4, 6, channels]));
        const expected = diagonals(data, 4, 6, channels);
        [d1, d2].forEach((half, k) => {
          assert.deepEqual(half.shape, [1, 2, 3, channels]);
          assert.ok(largestDifference(half.dataSync(), expected[k]!) < 1e-6);
        });
      }
    })
  );
});

Deno.test("the loss is the residual and the consistency, each halved", async () => {
  await withoutLeaks(() =>
    tf.tidy(() => {
      const { data } = waves(4, 6, 3);
      // A denoiser of numbers: any will do.
      const f = (x: ArrayLike<number>) => Array.from(x, (value) => value * value + 0.1 * value);
      const mean = (a: ArrayLike<number>, b: ArrayLike<number>) => {
        let sum = 0;
        for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
        return sum / a.length;
      };
      const [d1, d2] = diagonals(data, 4, 6, 3), [down1, down2] = diagonals(f(data), 4, 6, 3);
      const expected =
        (mean(d1, f(d2)) + mean(d2, f(d1)) + mean(f(d1), down1) + mean(f(d2), down2)) /
        2;
      const y = tf.tensor4d(data, [1, 4, 6, 3]);
      const loss = zsN2nLoss(y, (x) => x.square().add(x.mul(0.1)) as tf.Tensor4D).dataSync()[0]!;
      assert.ok(Math.abs(loss - expected) < 1e-6, `${loss}, expected ${expected}`);
    })
  );
});

Deno.test("the network has the authors' size and depends on its seed alone", () => {
  const values = (seed: number) => {
    const { variables } = noiseNetwork(3, seed);
    const flat = variables.flatMap((variable) => [...variable.dataSync()]);
    tf.dispose([...variables]);
    return flat;
  };
  // 3·9·48 + 48, 48·9·48 + 48, 48·3 + 3.
  assert.equal(values(1).length, 1344 + 20784 + 147);
  assert.deepEqual(values(1), values(1));
  assert.notDeepEqual(values(1), values(2));
});

Deno.test("tiles show the same as the whole picture, with any remainder", async () => {
  await withoutLeaks(async () => {
    for (const shape of [[23, 9, 3], [16, 30, 1], [11, 40, 1]] as const) {
      const image = waves(shape[0], shape[1], shape[2]), network = noiseNetwork(shape[2], 1);
      const whole = tf.tidy(() =>
        network.denoise(tf.tensor4d(image.data, [1, ...shape])).dataSync<"float32">()
      );
      for (const most of [7, 16, 64]) {
        const tiled = await denoiseInTiles(network, image, 1, most);
        assert.ok(largestDifference(tiled, whole) < 1e-5, `${shape}, ${most}`);
      }
      tf.dispose([...network.variables]);
    }
  });
});

Deno.test("zsN2n() gains 4 dB on noise of 25, grey and RGB", async () => {
  await withoutLeaks(async () => {
    for (const name of ["camera", "coffee"] as const) {
      const clean = await square(name), noisy = addGaussianNoise(clean, SIGMA, 1);
      const image = await zsN2n(noisy, { iterations: 300 });
      const gain = psnr(image, clean) - psnr(noisy, clean);
      assert.ok(gain > 4, `${name}: ${gain} dB`);
    }
  });
});

Deno.test("zsN2n() takes odd and small sides, keeps alpha and bit depth, and repeats with the seed", async () => {
  await withoutLeaks(async () => {
    for (const shape of [[17, 13, 1], [2, 3, 3], [51, 9, 3]] as const) {
      const image = withAlpha(waves(shape[0], shape[1], shape[2])), before = structuredClone(image);
      const result = await zsN2n(image, { iterations: 3, seed: 1 });
      assert.deepEqual({ ...result, data: before.data }, before);
      assert.deepEqual(image, before);
      assert.equal(result.data.length, image.data.length);
      assert.ok(result.data.every((value) => value >= 0 && value <= 1));
      assert.deepEqual(await zsN2n(image, { iterations: 3, seed: 1 }), result);
      assert.notDeepEqual(await zsN2n(image, { iterations: 3, seed: 2 }), result);
    }
  });
});

Deno.test("zsN2n() ends at an abort signal, and leaves no tensors behind", async () => {
  await withoutLeaks(async () => {
    const image = waves(16, 16, 1), reason = new Error("enough");
    await assert.rejects(zsN2n(image, { signal: AbortSignal.abort(reason) }), reason);
    const signal = AbortSignal.timeout(200);
    await assert.rejects(
      zsN2n(image, { signal, iterations: 1e9 }),
      { name: "TimeoutError" },
    );
  });
});

Deno.test("zsN2n() names the invalid argument", async () => {
  const image = constant(4, 4, 1, 0.5);
  for (const value of [0, -1, 1.5, NaN]) {
    await assert.rejects(zsN2n(image, { iterations: value }), /RangeError: `iterations`/);
    await assert.rejects(zsN2n(image, { threads: value }), /RangeError: `threads`/);
  }
  await assert.rejects(zsN2n(image, { seed: -1 }), /RangeError: `seed`/);
  await assert.rejects(zsN2n(constant(1, 8, 1, 0.5)), /RangeError: `image`/);
});
