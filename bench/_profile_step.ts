// Profiles one step for bench/step.ts: a network, a size, threads and seconds as arguments, JSON as the result.
import { adamScalars, profileStep } from "../lib/engine/mod.ts";
import { trainingStep } from "../lib/restoration/mod.ts";
import { benchObjective } from "./_networks.ts";

const [network, size, threads, seconds] = Deno.args as [string, string, string, string];
const { objective, learningRate } = benchObjective(network, Number(size));
const { trainStep, inputs } = trainingStep(objective);
const times = await profileStep(trainStep, {
  inputs,
  values: { ...adamScalars(learningRate, 0), share: 0.01 },
  threads: Number(threads),
  seconds: Number(seconds),
});
console.log(JSON.stringify(times));
