// The state of a rule monitor is complete: another monitor with this state continues identically.
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bandPlateau,
  blurSharpness,
  createRuleSet,
  type DecisionMode,
  discrepancy,
  fixedBudget,
  heldOutPixels,
  movingVariance,
  type StoppingRule,
  windowedVariance,
} from "../../lib/stopping/mod.ts";
import { context, grey, observation } from "./_runs.ts";

const RULES: readonly StoppingRule[] = [
  blurSharpness({ window: 2, threshold: 1e-6 }),
  blurSharpness({ form: "paper", window: 2, threshold: 1e-6 }),
  windowedVariance({ window: 3, patience: 4 }),
  windowedVariance({ window: 3, patience: 4, samples: 10, delta: 0.9 }),
  movingVariance({ start: 2, patience: 4 }),
  discrepancy({ window: 3, factor: 0.1 }),
  bandPlateau({ window: 2, level: 0.9 }),
  heldOutPixels({ patience: 4 }),
  fixedBudget({ iterations: 11 }),
];

const unit = fc.float({ min: 0, max: 1, noNaN: true });
const iterate = fc.record({
  misfit: unit,
  heldOut: unit,
  bands: fc.array(fc.oneof(unit, fc.constant(NaN)), { minLength: 2, maxLength: 2 }),
  blurriness: fc.oneof(unit, fc.constant(NaN)),
  sharpness: fc.oneof(unit, fc.constant(0)),
  samples: fc.array(unit, { minLength: 1, maxLength: 7 }),
});

Deno.test("a rule set with the restored state of another continues as the other does, for every rule", () => {
  fc.assert(
    fc.property(
      fc.array(iterate, { minLength: 1, maxLength: 16 }),
      fc.nat({ max: 16 }),
      fc.constantFrom<DecisionMode>("first", "vote"),
      fc.shuffledSubarray([...RULES], { minLength: 1 }),
      (run, cut, decision, rules) => {
        const ruleSet = createRuleSet<string>(rules, context(), decision);
        let resumed = createRuleSet<string>(rules, context(), decision);
        for (const [i, { samples, ...known }] of run.entries()) {
          const data = Float32Array.from({ length: 256 }, (_, k) => samples[k % samples.length]!);
          const seen = observation(i + 1, { output: grey(16, 16, data), ...known });
          const expected = ruleSet.observe(seen, `picture ${i + 1}`);
          if (i >= cut) {
            assert.deepEqual(resumed.observe(seen, `picture ${i + 1}`), expected);
          } else if (i + 1 === cut) {
            resumed = createRuleSet<string>(rules, context(), decision);
            resumed.restoreState(structuredClone(ruleSet.state()));
          }
          if (i + 1 < cut) continue;
          assert.deepEqual(resumed.best(), ruleSet.best());
          assert.deepEqual(resumed.reports(), ruleSet.reports());
          assert.deepEqual(resumed.state(), ruleSet.state());
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("a rule set whose rule has no state() has none", () => {
  const silent: StoppingRule = {
    name: "silent",
    settings: {},
    monitor: () => ({ observe: () => ({ value: 0, best: true, stop: false }) }),
  };
  assert.throws(() => createRuleSet([fixedBudget(), silent], context()).state(), {
    name: "RangeError",
    message: /`rules`.*silent/,
  });
});
