// A checkpoint's file is read unchanged, or refused in one line.
import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { denoising } from "../../lib/degradation/mod.ts";
import { FileError } from "../../lib/files/mod.ts";
import { decoder } from "../../lib/network/mod.ts";
import { CheckpointError, restore, type RestoreOptions } from "../../lib/restoration/mod.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../lib/restoration/checkpoint_file.ts";
import { fixedBudget, heldOutPixels, type StoppingRule } from "../../lib/stopping/mod.ts";
import { noisy, picture, tiny, tinyDip } from "./_pictures.ts";
import { assertSame, inFolder } from "./_resuming.ts";

const arrays = fc.oneof(
  fc.float32Array(),
  fc.float64Array(),
  fc.int32Array(),
  fc.uint8Array(),
);
const { data } = fc.letrec((tie) => ({
  data: fc.oneof(
    { maxDepth: 4 },
    fc.double(),
    fc.constantFrom(-0, NaN, Infinity, -Infinity, null, true, false),
    fc.string(),
    arrays,
    fc.array(tie("data"), { maxLength: 4 }),
    fc.dictionary(fc.string().filter((key) => key !== "__proto__"), tie("data"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
}));

Deno.test("plain data of any form are read back to the bit", () => {
  fc.assert(
    fc.property(
      data,
      (value) => assert.deepEqual(decodeCheckpoint(encodeCheckpoint(value), "a"), value),
    ),
  );
});

Deno.test("an array that occurs twice is stored once, and is one array again", () => {
  const samples = new Float32Array(1000);
  const bytes = encodeCheckpoint({ a: samples, b: [samples, new Uint8Array(0)] });
  assert.ok(bytes.length < 4500, `${bytes.length}`);
  const { a, b } = decodeCheckpoint(bytes, "a") as { a: Float32Array; b: unknown[] };
  assert.equal(a, b[0]);
  assert.deepEqual(b[1], new Uint8Array(0));
});

for (const wrong of [() => 1, Symbol(), Promise.resolve()]) {
  Deno.test(`a value that cannot be cloned is refused: ${Deno.inspect(wrong, { compact: true })}`, () => {
    assert.throws(() => encodeCheckpoint({ wrong }), /clone/);
  });
}

const refusal = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CheckpointError && error instanceof RangeError, `${error}`);
  assert.match(error.message, /^`resume` cannot go on from "[^\n]*": [^\n]+$/);
  assert.match(error.message, message);
  return true;
};

const small = encodeCheckpoint({ list: [1, 2, 3], samples: Float32Array.of(1, 2, 3) });

Deno.test("a checkpoint that is cut short anywhere, or has more at its end, is refused", () => {
  for (let length = 0; length < small.length; length++) {
    assert.throws(
      () => decodeCheckpoint(small.subarray(0, length), "a"),
      refusal(length < 12 ? /not a checkpoint/ : /cut short or damaged/),
    );
  }
  const longer = new Uint8Array(small.length + 1);
  longer.set(small);
  assert.throws(() => decodeCheckpoint(longer, "a"), refusal(/damaged/));
});

Deno.test("a checkpoint with any one bit flipped is refused", () => {
  for (let bit = 0; bit < 8 * small.length; bit++) {
    const turned = small.slice();
    turned[bit >> 3]! ^= 1 << (bit & 7);
    assert.throws(() => decodeCheckpoint(turned, "a"), refusal(/./), `${bit}`);
  }
});

Deno.test("a file that is no checkpoint is refused", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.throws(() => decodeCheckpoint(bytes, "a"), refusal(/not a checkpoint/));
    }),
  );
});

Deno.test("a checkpoint of a later format is refused by its number", () => {
  const other = small.slice();
  other[8] = 4;
  assert.throws(() => decodeCheckpoint(other, "a"), refusal(/its format is 4, .* reads 3$/));
});

const clean = picture(20, 24, 1), observed = noisy(clean), problem = denoising(observed);
const short: RestoreOptions = {
  objective: "mse",
  network: tiny,
  iterations: 6,
  noiseSigma: 0.1,
  reference: clean,
};

/** Runs a test with the checkpoint of a run that was left after four of its iterations. */
async function withCheckpoint(test: (file: string, options: RestoreOptions) => Promise<void>) {
  await inFolder(async (folder) => {
    const checkpoint = { file: join(folder, "run.checkpoint"), every: 2, resume: true };
    const options = { ...short, checkpoint };
    for await (const { iteration } of restore(problem, options)) if (iteration === 4) break;
    await test(checkpoint.file, options);
  });
}

Deno.test("a run is not resumed from a damaged checkpoint, and the file is kept", async () => {
  await withCheckpoint(async (file, options) => {
    const whole = await Deno.readFile(file);
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (place, change, isCut) => {
          const damaged = isCut ? whole.slice(0, place) : whole.slice();
          if (!isCut) damaged[place]! ^= change;
          await Deno.writeFile(file, damaged);
          await assert.rejects(restore(problem, options).result, refusal(/./));
          assert.deepEqual(await Deno.readFile(file), damaged);
        },
      ),
      { numRuns: 60 },
    );
    for (const text of ["", "{}", "\n\n"]) {
      await Deno.writeTextFile(file, text);
      await assert.rejects(restore(problem, options).result, refusal(/not a checkpoint/));
    }
    await Deno.writeFile(file, whole);
    assertSame(await restore(problem, options).result, await restore(problem, short).result);
  });
});

const other = decoder({ channels: 8, scales: 2, inputChannels: 8, slope: 0.1 });
const FOREIGN: [options: RestoreOptions, reason: RegExp][] = [
  [{ network: other }, /another `network`/],
  [{ network: tinyDip }, /another `network`/],
  [{ objective: "r2r", network: tinyDip }, /`objective` "mse", not "r2r"/],
  [{ iterations: 7 }, /`iterations` 6, not 7/],
  [{ seed: 1 }, /`seed` 0, not 1/],
  [{ learningRate: 0.02 }, /`learningRate` 0\.001, not 0\.02/],
  [{ warmUp: 2 }, /`warmUp` 0, not 2/],
  [{ averaging: 0.5 }, /`averaging` 0\.99, not 0\.5/],
  [{ inputNoise: 0.1 }, /`inputNoise`/],
  [{ noiseSigma: 0.2 }, /`noiseSigma` 0\.1, not 0\.2/],
  [{ threads: 64 }, /`threads` \d+, not 64/],
  [{ measure: false }, /`measure` true, not false/],
  [{ snapshots: true }, /`snapshots` false, not true/],
  [{ decision: "vote" }, /`decision` "first", not "vote"/],
  [{ stop: [fixedBudget()] }, /another `stop`/],
  [{ stop: [heldOutPixels({ patience: 7 })] }, /another `stop`/],
  [{ reference: observed }, /another reference/],
];

Deno.test("a run is not resumed from the checkpoint of another", async (t) => {
  await withCheckpoint(async (file, options) => {
    const whole = await Deno.readFile(file);
    for (const [changes, reason] of FOREIGN) {
      const name = Deno.inspect(changes, { depth: 1, compact: true, breakLength: Infinity });
      await t.step(`with ${name.slice(0, 60)}`, async () => {
        const run = restore(problem, { ...options, ...changes });
        await assert.rejects(run.result, refusal(reason));
      });
    }
    await t.step("of another picture or task, by one bit", async () => {
      const data = observed.data.slice();
      new Uint32Array(data.buffer)[7]! ^= 1;
      const problems = [
        denoising({ ...observed, data }),
        denoising({ ...observed, bitDepth: 16 }),
        denoising({ ...observed, alpha: data }),
        { ...problem, task: "another" },
        { ...problem, constants: { mask: new Float32Array(3) } },
      ];
      for (const problem of problems) {
        await assert.rejects(restore(problem, options).result, refusal(/another picture or task/));
      }
    });
    await t.step("of another version", async () => {
      const content = decodeCheckpoint(whole, file) as { identity: { versions: object } };
      for (const part of Object.keys(content.identity.versions)) {
        const versions = { ...content.identity.versions, [part]: "0.0.1" };
        const identity = { ...content.identity, versions };
        await Deno.writeFile(file, encodeCheckpoint({ ...content, identity }));
        const reason = new RegExp(`made by ${part} 0\\.0\\.1, this is`);
        await assert.rejects(restore(problem, options).result, refusal(reason));
      }
      await Deno.writeFile(file, whole);
    });
    await t.step("of a network with the same settings and other weights", async () => {
      const wider = decoder({ channels: 9, scales: 2, inputChannels: 8 });
      const network = { ...wider, settings: tiny.settings };
      await assert.rejects(restore(problem, { ...options, network }).result, {
        name: "RangeError",
        message: "`network` has other weights than the checkpoint",
      });
    });
    assert.deepEqual(await Deno.readFile(file), whole);
    assertSame(await restore(problem, options).result, await restore(problem, short).result);
  });
});

Deno.test("a path where no checkpoint can be written is refused before the run begins", async () => {
  await inFolder(async (folder) => {
    for (const file of [folder, join(folder, "missing", "run.checkpoint")]) {
      for (const resume of [false, true]) {
        const run = restore(problem, { ...short, checkpoint: { file, resume } });
        await assert.rejects(run.result, FileError);
      }
    }
    for (const every of [0, 1.5, NaN, -1]) {
      const checkpoint = { file: join(folder, "run.checkpoint"), every };
      const run = restore(problem, { ...short, checkpoint });
      await assert.rejects(run.result, { name: "RangeError", message: /^`every` must be/ });
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

const silent: StoppingRule = {
  name: "silent",
  settings: {},
  monitor: () => ({ observe: () => ({ value: 0, best: true, stop: false }) }),
};

Deno.test("a rule without state() is refused with checkpoints", async () => {
  await inFolder(async (folder) => {
    const options = { ...short, stop: [fixedBudget(), silent] };
    await restore(problem, options).result;
    const checkpoint = { file: join(folder, "run.checkpoint") };
    const run = restore(problem, { ...options, checkpoint });
    await assert.rejects(run.result, { name: "RangeError", message: /silent/ });
  });
});

Deno.test("a checkpoint that cannot be written is noted, and the run continues", async () => {
  await inFolder(async (folder) => {
    const file = join(folder, "run.checkpoint");
    const whole = await restore(problem, short).result;
    const prototype = Deno.FsFile.prototype, { write } = prototype;
    const full = Object.assign(new Error("No space left on device (os error 28)"), {
      code: "ENOSPC",
    });
    const run = restore(problem, { ...short, checkpoint: { file, every: 2 } });
    try {
      for await (const { iteration } of run) {
        prototype.write = iteration === 3 ? () => Promise.reject(full) : write;
      }
    } finally {
      prototype.write = write;
    }
    const { image, record } = await run.result;
    assert.deepEqual(image, whole.image);
    const [event, ...others] = record.events;
    assert.deepEqual(others, []);
    assert.equal(event!.iteration, 4);
    assert.equal(event!.kind, "checkpoint");
    assert.match(event!.message, /^cannot write ".*run\.checkpoint": the disk is full$/);
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["run.checkpoint"]);
  });
});
