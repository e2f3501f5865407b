// The data terms of the kinds of noise and their gradients against their formulas.
import assert from "node:assert/strict";
import {
  charbonnier,
  type DataTerm,
  denoising,
  enhancement,
  mse,
  type NoiseKind,
  poissonNegativeLogLikelihood,
} from "../../lib/degradation/mod.ts";
import { assertClose, chance, gradientsOf, misfitOf } from "./_operators.ts";

/** Of one sample, x the output and y what was observed; in double precision. */
const FORMULAS: Record<NoiseKind, { term: DataTerm; of(x: number, y: number): number }> = {
  gaussian: { term: mse, of: (x, y) => (x - y) ** 2 },
  impulse: { term: charbonnier, of: (x, y) => Math.hypot(x - y, 0.5 / 255) },
  poisson: { term: poissonNegativeLogLikelihood, of: (x, y) => x - y - y * Math.log(x / y) },
};

for (const [noise, { term, of }] of Object.entries(FORMULAS)) {
  const problem = denoising(chance(6, 7, 3, 1), { noise: noise as NoiseKind });
  const output = chance(6, 7, 3, 2), { observed } = problem, count = observed.data.length;
  const each = [...output.data].map((x, i) => of(x, observed.data[i]!));

  Deno.test(`the data term of ${noise} noise is the mean of its formula`, () => {
    assert.equal(problem.misfit, term);
    assertClose([misfitOf(problem, output)], [each.reduce((a, b) => a + b) / count]);
  });

  Deno.test(`the data term of ${noise} noise is a weighted mean`, () => {
    const counted = chance(6, 7, 3, 3);
    const sum = counted.data.reduce((a, b) => a + b);
    const expected = each.reduce((total, value, i) => total + value * counted.data[i]!, 0) / sum;
    assertClose([misfitOf(problem, output, observed, counted)], [expected]);
  });

  Deno.test(`the gradient of ${noise} noise's data term is the formula's slope`, () => {
    const h = 1e-6;
    const slopes = [...output.data].map((x, i) => {
      const y = observed.data[i]!;
      return (of(x + h, y) - of(x - h, y)) / (2 * h * count);
    });
    assertClose(gradientsOf(problem, output, observed).output, slopes, 1e-4);
  });

  Deno.test(`the data term of ${noise} noise is least where nothing differs`, () => {
    const least = misfitOf(problem, observed);
    assert.ok(least < 0.5 / 255 + 1e-6 && least > -1e-6, `${least}`);
    assert.ok(misfitOf(problem, output) > least);
  });
}

Deno.test("the Poisson data term is finite at and below 0", () => {
  const black = { ...chance(4, 4, 1, 1), data: new Float32Array(16) };
  const below = { ...black, data: new Float32Array(16).fill(-0.5) };
  const problem = denoising(black, { noise: "poisson" });
  for (const output of [black, below, chance(4, 4, 1, 2)]) {
    assert.ok(Number.isFinite(misfitOf(problem, output)));
    assert.ok(gradientsOf(problem, output, black).output.every(Number.isFinite));
  }
});

Deno.test("only Gaussian noise is white, and every noise lets samples be held out", () => {
  for (const noise of ["gaussian", "poisson", "impulse"] as const) {
    const { isWhite, isSamplewise, initialEstimate, observed } = denoising(chance(4, 4, 1, 1), {
      noise,
    });
    assert.deepEqual([isWhite, isSamplewise], [noise === "gaussian", true]);
    assert.equal(initialEstimate, observed);
  }
});

Deno.test("enhancement adds what the base lacks: x + s (x - base), or only what is brighter", () => {
  const x = chance(5, 4, 3, 3), base = chance(5, 4, 3, 4);
  const clip = (value: number) => Math.min(Math.max(value, 0), 1);
  for (const strength of [0.5, 1, 3]) {
    const signed = enhancement(x, { strength }).finish!(base).data;
    const paper = enhancement(x, { strength, form: "paper" }).finish!(base).data;
    const detail = [...x.data].map((value, i) => value - base.data[i]!);
    assertClose(signed, [...x.data].map((value, i) => clip(value + strength * detail[i]!)));
    assertClose(
      paper,
      [...x.data].map((value, i) => clip(value + strength * Math.max(detail[i]!, 0))),
    );
  }
  assert.throws(() => enhancement(x, { strength: 0 }), /`strength`/);
  assertClose([misfitOf(enhancement(x), base)], [
    [...x.data].reduce((sum, value, i) => sum + (value - base.data[i]!) ** 2, 0) / x.data.length,
  ]);
});
