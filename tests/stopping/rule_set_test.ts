// createRuleSet(): the deciding rule, and the picture kept; and no rule fails on arbitrary runs.
import assert from "node:assert/strict";
import fc from "fast-check";
import { createImage } from "../../lib/image/mod.ts";
import {
  bandPlateau,
  blurSharpness,
  createRuleSet,
  type DecisionMode,
  discrepancy,
  fixedBudget,
  heldOutPixels,
  movingVariance,
  type Observation,
  type StoppingRule,
  windowedVariance,
} from "../../lib/stopping/mod.ts";
import { context, observation } from "./_runs.ts";

/** A rule that stops at `stop` and whose best iterates are those given; it counts its looks. */
function scripted(name: string, stop: number, bests: readonly number[]) {
  const looks: number[] = [];
  const rule: StoppingRule = {
    name,
    settings: { stop },
    monitor: () => ({
      observe({ iteration }) {
        looks.push(iteration);
        return { value: 10 * iteration, best: bests.includes(iteration), stop: iteration === stop };
      },
    }),
  };
  return { rule, looks };
}

/** Looks at `iterations` iterates, candidates named by them; gives where the decision fell. */
function observeAll(rules: readonly StoppingRule[], iterations: number, decision?: DecisionMode) {
  const ruleSet = createRuleSet<string>(rules, context(), decision);
  let decided: number | null = null;
  for (let i = 1; i <= iterations; i++) {
    if (ruleSet.observe(observation(i, {}), `picture ${i}`).decided) decided ??= i;
  }
  return { ruleSet, decided };
}

Deno.test("a rule set without rules is refused, and so is an unknown decision", () => {
  assert.throws(() => createRuleSet([], context()), { name: "RangeError", message: /`rules`/ });
  assert.throws(() => createRuleSet([fixedBudget()], context(), "any" as DecisionMode), {
    name: "RangeError",
    message: /`decision`/,
  });
});

Deno.test("the first rule decides, the others are reported", () => {
  const a = scripted("a", 8, [1, 2, 5]), b = scripted("b", 3, [1, 3]);
  const { ruleSet, decided } = observeAll([a.rule, b.rule], 10);
  assert.equal(decided, 8);
  assert.deepEqual(ruleSet.best(), { iteration: 5, rule: "a", candidate: "picture 5" });
  assert.deepEqual(ruleSet.reports(), [
    { name: "a", settings: { stop: 8 }, stop: 8, best: 5 },
    { name: "b", settings: { stop: 3 }, stop: 3, best: 3 },
  ]);
});

Deno.test("a rule that has stopped is not evaluated again, and keeps its best", () => {
  const a = scripted("a", 2, [1, 4]), b = scripted("b", 9, [1]);
  const { ruleSet } = observeAll([a.rule, b.rule], 5);
  assert.deepEqual(a.looks, [1, 2]);
  assert.deepEqual(b.looks, [1, 2, 3, 4, 5]);
  assert.equal(ruleSet.best()!.iteration, 1);
  const { values } = ruleSet.observe(observation(6, {}), "picture 6");
  assert.deepEqual(values, [NaN, 60]);
});

Deno.test("before the decision the best is the first rule's; before any iterate there is none", () => {
  const rules = [scripted("a", 99, [1, 3]).rule, scripted("b", 2, [1, 2]).rule];
  for (const decision of ["first", "vote"] as const) {
    const ruleSet = createRuleSet<string>(rules, context(), decision);
    assert.equal(ruleSet.best(), undefined);
    assert.deepEqual(ruleSet.reports().map(({ stop, best }) => [stop, best]), [
      [null, null],
      [null, null],
    ]);
    for (let i = 1; i <= 4; i++) ruleSet.observe(observation(i, {}), `picture ${i}`);
    assert.deepEqual(ruleSet.best(), { iteration: 3, rule: "a", candidate: "picture 3" });
  }
});

Deno.test("the first iterate is kept even if no rule says it is the best", () => {
  const { ruleSet } = observeAll([scripted("a", 99, []).rule], 3);
  assert.equal(ruleSet.best()!.iteration, 1);
});

Deno.test("a vote is decided when more than half have stopped, by the rule that completes the majority", () => {
  const at = (stop: number, name: string) => scripted(name, stop, [stop - 1]).rule;
  for (
    const [stops, decided, rule] of [
      [[5], 5, "0"],
      [[3, 6], 6, "1"],
      [[9, 4, 6], 6, "2"],
      [[9, 4, 6, 7], 7, "3"],
      [[2, 2, 9], 2, "1"],
      [[5, 5, 5, 5, 5], 5, "2"],
      [[3, 7, 7, 7], 7, "2"],
      [[7, 7, 3, 7], 7, "1"],
    ] as const
  ) {
    const rules = stops.map((stop, i) => at(stop, `${i}`));
    const outcome = observeAll(rules, 10, "vote");
    assert.equal(outcome.decided, decided, `${stops}`);
    assert.deepEqual(outcome.ruleSet.best(), {
      iteration: decided - 1,
      rule,
      candidate: `picture ${decided - 1}`,
    }, `${stops}`);
  }
});

Deno.test("a vote without a majority is not decided", () => {
  const rules = [2, 3, 99, 99].map((stop, i) => scripted(`${i}`, stop, [1]).rule);
  assert.equal(observeAll(rules, 20, "vote").decided, null);
});

Deno.test("one rule monitors two runs independently", () => {
  const rule = movingVariance({ start: 1, patience: 3 });
  const first = rule.monitor(context()), second = rule.monitor(context());
  for (let i = 1; i <= 4; i++) first.observe(observation(i, {}));
  assert.equal(first.observe(observation(5, {})).stop, true);
  assert.equal(second.observe(observation(1, {})).stop, false);
});

const RULES: (() => StoppingRule)[] = [
  () => blurSharpness({ window: 3 }),
  () => blurSharpness({ form: "paper", window: 3 }),
  () => windowedVariance({ window: 4, patience: 5 }),
  () => windowedVariance({ window: 4, patience: 5, samples: 10 }),
  () => movingVariance({ start: 3, patience: 5 }),
  () => discrepancy({ window: 2 }),
  () => bandPlateau({ window: 3, level: 0.8 }),
  () => heldOutPixels({ patience: 5 }),
  () => fixedBudget(),
];

const unit = fc.float({ min: 0, max: 1, noNaN: true });
const measure = fc.double({ min: 0, max: 1e6, noNaN: true });
const iterate = fc.record({
  misfit: measure,
  heldOut: measure,
  bands: fc.array(fc.oneof(unit, fc.constant(NaN)), { minLength: 5, maxLength: 5 }),
  blurriness: fc.oneof(unit, fc.constant(NaN)),
  sharpness: fc.oneof(unit, fc.constant(0)),
  samples: fc.array(unit, { minLength: 1, maxLength: 7 }),
});

Deno.test("no rule fails for any run: the best and the stop are iterations of it", () => {
  fc.assert(
    fc.property(
      fc.array(iterate, { minLength: 1, maxLength: 30 }),
      fc.constantFrom<DecisionMode>("first", "vote"),
      fc.shuffledSubarray(RULES, { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (run, decision, make, noiseSigma) => {
        const rules = make.map((rule) => rule());
        const ruleSet = createRuleSet<number>(
          rules,
          context({ noiseSigma, iterations: 20 }),
          decision,
        );
        let fell = false;
        for (const [i, { samples, ...known }] of run.entries()) {
          const data = Float32Array.from({ length: 256 }, (_, k) => samples[k % samples.length]!);
          const output = createImage({ height: 16, width: 16, channels: 1, data });
          const seen: Observation = { iteration: i + 1, output, ...known };
          const { values, decided } = ruleSet.observe(seen, i + 1);
          assert.equal(values.length, rules.length);
          assert.ok(values.every((value) => Number.isNaN(value) || Number.isFinite(value)));
          assert.ok(decided || !fell, "a decision stays");
          fell = decided;
          const { iteration, candidate } = ruleSet.best()!;
          assert.equal(candidate, iteration);
          const reports = ruleSet.reports();
          for (const { best, stop } of reports) {
            assert.ok(best !== null && best >= 1 && best <= i + 1);
            assert.ok(stop === null || best <= stop && stop <= i + 1);
          }
          const stopped = reports.filter(({ stop }) => stop !== null).length;
          assert.equal(
            decided,
            decision === "first" ? reports[0]!.stop !== null : stopped > rules.length / 2,
          );
        }
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("every rule's settings are plain JSON with all options in them", () => {
  for (const make of RULES) {
    const { settings, name } = make();
    assert.deepEqual(JSON.parse(JSON.stringify(settings)), settings, name);
  }
  assert.deepEqual(windowedVariance().settings, {
    window: 100,
    patience: 500,
    delta: 1,
    samples: null,
  });
});
