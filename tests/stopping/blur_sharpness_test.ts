// blurSharpness() against a transcription of the paper's code, and the differences of the relative form.
import assert from "node:assert/strict";
import { random } from "../../lib/random/mod.ts";
import { blurriness, blurSharpness, sharpness } from "../../lib/stopping/mod.ts";
import { follow, grey } from "./_runs.ts";

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** The paper's code, iterations from 0: the slices' ends are exclusive, as Python's. */
function paperStop(ratio: readonly number[], n = 100, threshold = 0.01): number | null {
  for (let i = 0; i < ratio.length; i++) {
    if (i > 2 * n) {
      const before = ratio.slice(i - 2 * n, i - n), recent = ratio.slice(i - n + 1, i);
      if (Math.abs(mean(before) - mean(recent)) < threshold) return i;
    }
  }
  return null;
}

/** Two full windows that end with the ratio at hand. */
function relativeStop(ratio: readonly number[], n = 100, threshold = 0.01): number | null {
  for (let i = 2 * n - 1; i < ratio.length; i++) {
    const before = mean(ratio.slice(i - 2 * n + 1, i - n + 1));
    const recent = mean(ratio.slice(i - n + 1, i + 1));
    if (Math.abs(before - recent) / recent < threshold) return i;
  }
  return null;
}

/** A ratio that falls towards `floor`, as the paper's figures show, with some roughness. */
function ratios(length: number, floor: number, pace: number, seed: number): number[] {
  const { normal } = random(seed);
  return Array.from(
    { length },
    (_, i) => floor + 4 * Math.exp(-i / pace) + 0.05 * normal(),
  );
}

const run = (ratio: readonly number[]) =>
  ratio.map((value) => ({ blurriness: value / 8, sharpness: 1 / 8 }));

Deno.test("blurSharpness() in the paper's form stops where the paper's code does", () => {
  let stops = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const ratio = ratios(1500, 2 + seed / 4, 30 * seed, seed);
    const expected = paperStop(ratio),
      { stop, best } = follow(
        blurSharpness({ form: "paper" }),
        run(ratio),
      );
    assert.equal(stop, expected === null ? null : expected + 1, `seed ${seed}`);
    assert.equal(best, stop ?? ratio.length);
    if (stop !== null) stops++;
  }
  assert.ok(stops >= 6);
});

Deno.test("blurSharpness() in the paper's form is first evaluated at iteration 202", () => {
  const constant = run(new Array(300).fill(3));
  assert.equal(paperStop(new Array(300).fill(3)), 201);
  assert.equal(follow(blurSharpness({ form: "paper" }), constant).stop, 202);
  assert.equal(follow(blurSharpness({ form: "paper", window: 7 }), constant).stop, 16);
});

Deno.test("blurSharpness() in the paper's form leaves out the ratios that the paper's code does", () => {
  // One huge ratio, at each place in turn, keeps both from stopping or neither.
  for (let at = 0; at < 14; at++) {
    const ratio = Array.from({ length: 14 }, (_, i) => i === at ? 1000 : 3);
    const expected = paperStop(ratio, 5),
      { stop } = follow(
        blurSharpness({ form: "paper", window: 5 }),
        run(ratio),
      );
    assert.equal(stop, expected === null ? null : expected + 1, `at ${at}`);
  }
});

Deno.test("blurSharpness() compares two full windows", () => {
  let stops = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const ratio = ratios(1500, 2 + seed / 4, 30 * seed, seed);
    const expected = relativeStop(ratio);
    const { stop } = follow(blurSharpness(), run(ratio));
    assert.equal(stop, expected === null ? null : expected + 1, `seed ${seed}`);
    if (stop !== null) stops++;
  }
  assert.ok(stops >= 6);
  assert.equal(follow(blurSharpness(), run(new Array(300).fill(3))).stop, 200);
});

Deno.test("blurSharpness() shows its criterion", () => {
  const { verdicts } = follow(blurSharpness({ window: 2 }), run([8, 8, 4, 4]));
  assert.deepEqual(verdicts.map(({ value }) => value), [NaN, NaN, NaN, 1]);
  const paper = follow(blurSharpness({ form: "paper", window: 2 }), run([9, 8, 6, 5, 3, 9]));
  // Ratios 1 and 2, less ratio 4: windows of two and of one.
  assert.equal(paper.verdicts.at(-1)!.value, 4);
});

/** Outputs that lose their blur, as pictures; `contrast` about grey. */
function sharpening(contrast: number): { blurriness: number; sharpness: number }[] {
  const noise = new Float32Array(40 * 40);
  random(3).fillUniform(noise, 0, 1);
  return Array.from({ length: 160 }, (_, t) => {
    const part = 0.1 + 0.9 * (1 - Math.exp(-t / 25));
    const data = noise.map((value, i) =>
      contrast * (part * value + (1 - part) * (0.5 + 0.5 * Math.sin(i / 40 / 6)))
    );
    const image = grey(40, 40, data);
    return { blurriness: blurriness(image), sharpness: sharpness(image) };
  });
}

Deno.test("blurSharpness() stops at the same iterate of a paler picture; the paper's form does not", () => {
  const full = sharpening(1), pale = sharpening(0.5);
  const relative = blurSharpness({ window: 20 });
  const paper = blurSharpness({ form: "paper", window: 20, threshold: 0.05 });
  const { stop } = follow(relative, full);
  assert.ok(stop !== null && stop > 50 && stop < 160);
  assert.equal(follow(relative, pale).stop, stop);
  const paperFull = follow(paper, full).stop, paperPale = follow(paper, pale).stop;
  assert.ok(paperFull !== null);
  assert.notEqual(paperPale, paperFull);
});

Deno.test("blurSharpness() neither stops at a flat output nor because of one, and continues after it", () => {
  const flat = { blurriness: NaN, sharpness: 0 }, edgeless = { blurriness: 1, sharpness: 0 };
  for (const [form, naive] of [["paper", paperStop], ["relative", relativeStop]] as const) {
    const rule = blurSharpness({ form, window: 5 });
    for (const odd of [flat, edgeless]) {
      assert.equal(follow(rule, new Array(100).fill(odd)).stop, null);
      for (let at = 0; at < 12; at++) {
        const seen = run(new Array(40).fill(3)).with(at, odd);
        const ratio = seen.map(({ blurriness, sharpness }) => blurriness / sharpness);
        const { stop, verdicts } = follow(rule, seen);
        assert.equal(stop, naive(ratio, 5)! + 1, `${form} at ${at}`);
        assert.ok(verdicts.every(({ value, best }) => best && Math.abs(value) !== Infinity));
      }
    }
  }
});

Deno.test("blurSharpness() checks its options", () => {
  for (
    const [options, name] of [
      [{ window: 1 }, "window"],
      [{ window: 2.5 }, "window"],
      [{ threshold: 0 }, "threshold"],
      [{ threshold: NaN }, "threshold"],
      [{ form: "other" as "paper" }, "form"],
    ] as const
  ) {
    assert.throws(() => blurSharpness(options), {
      name: "RangeError",
      message: new RegExp(`\`${name}\``),
    });
  }
});
