// One measurement of bench/step.ts: a network, a size, threads and seconds as arguments, JSON as the answer.
import { type Architecture, createImage, decoder, deepDecoder, denoising, dip } from "../mod.ts";
import { random } from "../lib/random/mod.ts";
import { priorObjective } from "../lib/restoration/prior_objective.ts";
import { startTraining } from "../lib/restoration/training.ts";
import type { Measurement } from "./step.ts";

const ARCHITECTURES: Record<string, () => Architecture> = {
  decoder: () => decoder(),
  dip: () => dip(),
  "deep-decoder": () => deepDecoder(),
};

/** Steps before times are taken: the first ones fill the allocator. */
const WARM_UP = 2;

const [network, size, threads, seconds] = Deno.args as [string, string, string, string];
const architecture = ARCHITECTURES[network]!();
const side = Number(size);
const picture = createImage({ height: side, width: side, channels: 3 });
random(1).fillUniform(picture.data, 0, 1);
const objective = priorObjective(denoising(picture), architecture, 1, "random", 0);
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
  await training.iterate(architecture.learningRate);
  times.push(performance.now() - start);
}
training.dispose();

/** The largest resident memory of this process, in MB; where the system does not say, what it is now. */
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
  size: side,
  channels: 128,
  threads: Number(threads),
  first_ms: times[0]!,
  median_ms: settled[settled.length >> 1]!,
  min_ms: settled[0]!,
  peak_mb: peakMegabytes(),
  parameters,
  compile_ms: training.step.compileMilliseconds,
  convolutions: training.step.convolutions,
};
console.log(JSON.stringify(measurement));
