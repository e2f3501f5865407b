// One measurement of bench/step.ts: a network, a size, threads and seconds as arguments, JSON as the result.
import { random } from "../lib/random/mod.ts";
import { startTraining } from "../lib/restoration/mod.ts";
import { benchObjective } from "./_networks.ts";
import type { Measurement } from "./step.ts";

/** Steps before the measurement, in which the allocator gets its memory. */
const WARM_UP = 2;

const [network, size, threads, seconds] = Deno.args as [string, string, string, string];
const { objective, learningRate } = benchObjective(network, Number(size));
const parameters = objective.model.countParams();
const training = await startTraining(objective, {
  random: random(1),
  averaging: 0.99,
  threads: Number(threads),
});
const times: number[] = [];
const end = performance.now() + 1000 * Number(seconds);
while (times.length < WARM_UP + 5 || performance.now() < end) {
  const start = performance.now();
  await training.iterate(learningRate);
  times.push(performance.now() - start);
}
training.dispose();

/** The peak resident memory of this process, in MB; the current one if the system does not report the peak. */
function peakMegabytes(): number {
  try {
    const status = Deno.readTextFileSync("/proc/self/status");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)![1]) * 1024 / 1e6;
  } catch {
    return Deno.memoryUsage().rss / 1e6;
  }
}

const settled = times.slice(WARM_UP).sort((a, b) => a - b);
const measurement: Measurement = {
  network,
  size: Number(size),
  threads: Number(threads),
  first_ms: times[0]!,
  median_ms: settled[settled.length >> 1]!,
  min_ms: settled[0]!,
  peak_mb: peakMegabytes(),
  parameters,
  compile_ms: training.network!.step.compileMilliseconds,
  convolutions: training.network!.step.convolutions,
};
console.log(JSON.stringify(measurement));
