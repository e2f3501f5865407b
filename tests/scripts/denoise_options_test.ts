// deno task denoise: the options of the network, its spectral bias and the stopping.
import assert from "node:assert/strict";
import { join } from "node:path";
import { addGaussianNoise, createImage } from "../../lib/image/mod.ts";

import { denoising } from "../../lib/degradation/mod.ts";
import { resolveOptions } from "../../lib/restoration/resolve_options.ts";
import { createCommand, parseArguments } from "../../scripts/_command_line.ts";
import { UsageError } from "../../scripts/_failure.ts";
import { NETWORKS } from "../../scripts/_network_options.ts";
import {
  addRestorationOptions,
  type RestorationOptions,
  restoreOptions,
} from "../../scripts/_restoration_options.ts";
import { noiseLevelWarning } from "../../scripts/tasks/denoise.ts";
import { catInput, inFolder, runTask } from "./_command.ts";

/** What the library is told of a command line. */
function optionsOf(line: string) {
  const command = addRestorationOptions(createCommand("test", "Parses.", []));
  assert.ok(parseArguments(command, line.split(" ")));
  return restoreOptions(command.opts<RestorationOptions>());
}

/** Runs denoise for a few iterations and gives its record, and what it printed. */
async function recordOf(folder: string, ...args: string[]) {
  const record = join(folder, "run.json");
  const { code, stdout, stderr } = await runTask(
    "denoise",
    ...[await catInput(folder, 32), "--channels", "4", "--quiet", "--output"],
    ...[join(folder, "out.png"), "--record", record, ...args],
  );
  assert.equal(code, 0, stderr);
  return { stdout, ...JSON.parse(await Deno.readTextFile(record)) };
}

Deno.test("every option of network and stopping reaches the record", async () => {
  await inFolder(async (folder) => {
    const { settings, rules, stop } = await recordOf(
      folder,
      ...["--network", "decoder", "--iterations", "3", "--upsampling", "gaussian-unit"],
      ...["--gaussian-sigma", "0.2,0.2,0.2,0.4,0.5", "--lipschitz", "1.4", "--norm", "batch"],
      ...["--averaging", "0.5", "--stop", "wmv,budget,held-out", "--stop-by", "vote"],
    );
    const { network, averaging, decision } = settings;
    assert.equal(network.name, "decoder");
    assert.deepEqual(
      network.upsampling,
      [0.2, 0.2, 0.2, 0.4, 0.5].map((sigma) => ({ kind: "gaussian", sigma, kernelSum: "unit" })),
    );
    assert.deepEqual([network.lipschitz, network.norm], [1.4, "batch"]);
    assert.deepEqual([averaging, decision], [0.5, "vote"]);
    assert.deepEqual(rules.map(({ name }: { name: string }) => name), [
      "wmv",
      "budget",
      "held-out",
    ]);
    assert.equal(stop.reason, "iterations");
  });
});

Deno.test("denoise --stop ends the run and returns the picture of the rule that decides", async () => {
  await inFolder(async (folder) => {
    // As much noise as there is range: any output is within it.
    const { stdout, stop, rules } = await recordOf(
      folder,
      ...["--network", "conv-net", "--norm", "lipschitz-batch", "--noise-sigma", "255"],
      ...["--iterations", "50", "--stop", "discrepancy,wmv"],
    );
    assert.deepEqual(stop, { reason: "rule", iteration: 1, best: 1, rule: "discrepancy" });
    assert.deepEqual(rules.map(({ stop }: { stop: number }) => stop), [1, null]);
    assert.match(stdout, /\n1 iteration in \d:\d\d, ended by its stopping rule\n/);
    assert.match(stdout, /\n {2}discrepancy stopped at 1\n {2}wmv did not stop, best 1\n/);
  });
});

Deno.test("--lipschitz auto steers the bound from the paper's", async () => {
  await inFolder(async (folder) => {
    const { settings, series } = await recordOf(
      folder,
      ...["--network", "decoder", "--lipschitz", "auto", "--noise-sigma", "10"],
      ...["--iterations", "2"],
    );
    assert.equal(settings.network.lipschitz, 1.4);
    assert.deepEqual(series.lambda, [1.4, 1.4]);
  });
});

Deno.test("a noise level far from the picture's is noted", () => {
  const grey = createImage({ height: 64, width: 64, channels: 1 });
  grey.data.fill(0.5);
  const picture = addGaussianNoise(grey, 20 / 255, 1);
  assert.equal(noiseLevelWarning(picture, undefined), undefined);
  assert.equal(noiseLevelWarning(picture, 20), undefined);
  assert.match(noiseLevelWarning(picture, 40)!, /is 40, but .* looks like (19|20)\.\d/);
  assert.match(noiseLevelWarning(picture, 10)!, /is 10, but/);
});

Deno.test("--report writes a self-contained page with the run's charts", async () => {
  await inFolder(async (folder) => {
    const report = join(folder, "run.html");
    const { stdout, snapshots } = await recordOf(
      folder,
      ...["--add-noise", "20", "--iterations", "2", "--report", report],
    );
    assert.match(stdout, /^wrote .*out\.png, .*run\.json, and .*run\.html\n/);
    assert.deepEqual(snapshots.steps.map(({ iteration }: { iteration: number }) => iteration), [
      1,
      2,
    ]);
    const page = await Deno.readTextFile(report);
    assert.match(page, /^<!DOCTYPE html>/);
    assert.match(page, /<\/html>\s*$/);
    assert.match(page, /out\.png/);
    assert.ok(page.includes(snapshots.steps[1].output), "the last output is shown");
  });
});

Deno.test("the command line's networks are the library's, with its defaults", () => {
  const settings = (line: string): Record<string, unknown> => {
    const { network, objective } = optionsOf(line);
    return { name: network!.name, objective, ...network!.settings };
  };
  const conv = settings("--network conv-net --lipschitz none --norm lipschitz-batch");
  assert.equal(conv["name"], "conv-net");
  assert.deepEqual([conv["lipschitz"], conv["norm"]], [0, "lipschitz-batch"]);
  assert.deepEqual([conv["channels"], conv["objective"]], [16, "mse"]);
  const low = settings("--network deep-decoder --upsampling low-pass");
  assert.equal((low["upsampling"] as { kind: string }).kind, "low-pass");
  const gaussian = settings("--network decoder --upsampling gaussian --gaussian-sigma 0.5");
  assert.deepEqual(gaussian["upsampling"], { kind: "gaussian", sigma: 0.5, kernelSum: "paper" });
  assert.equal(settings("--network dip")["objective"], "guided");
  assert.deepEqual(
    [settings("--network pip")["channels"], settings("--network pip")["objective"]],
    [
      128,
      "mse",
    ],
  );
  assert.equal(settings("--network siren --channels 32")["channels"], 32);
});

Deno.test("options that do not go together are refused in one line", async (t) => {
  const cases: [line: string, message: RegExp][] = [
    ["--gaussian-sigma 0.5", /^--gaussian-sigma goes with --upsampling gaussian/],
    ["--upsampling low-pass --gaussian-sigma 0.5", /^--gaussian-sigma goes with/],
    ["--upsampling gaussian --gaussian-sigma 0.5,1", /one number above 0, .* or 5 of them/],
    ["--upsampling gaussian --gaussian-sigma 0", /number above 0/],
    ["--upsampling cubic", /Allowed choices are nearest, bilinear, gaussian/],
    ["--network conv-net --upsampling nearest", /^--upsampling goes with .*, not conv-net$/],
    ["--network conv-net --skip-channels 2", /^--skip-channels goes with --network dip or pip/],
    ["--network deep-decoder --lipschitz 1", /^--lipschitz goes with .*, not deep-decoder$/],
    ["--network deep-decoder --norm none", /^--norm goes with .*, not deep-decoder$/],
    ["--network siren --upsampling nearest", /^--upsampling goes with .*, not siren$/],
    ["--network siren --channels 8,8,8,8,8", /^--channels of --network siren is one number/],
    ["--lipschitz 0", /a number above 0, at most 100, or auto, or none/],
    ["--lipschitz 101", /a number above 0, at most 100/],
    ["--norm group", /Allowed choices are mean-only, batch, lipschitz-batch, none/],
    ["--averaging 1", /from 0 to below 1/],
    ["--averaging -0.1", /from 0 to below 1/],
    ["--stop never", /one or more of budget, blur-sharpness/],
    ["--stop wmv,", /one or more of/],
    ["--stop toString", /one or more of/],
    ["--lipschitz auto", /^--lipschitz auto goes with --objective mse, not guided$/],
    ["--stop wmv", /^--stop goes with --objective mse, sure or r2r: a guided run needs no rule$/],
    ["--tile 128", /^--tile goes with --objective mse, sure or r2r: a guided run learns from all/],
    ["--objective r2r --stop held-out", /^--stop held-out goes with --objective mse, not r2r$/],
    ["--quality good", /Allowed choices are fast, balanced, best/],
    [
      "--objective mse --quality fast",
      /^--quality goes with --objective guided or plug-and-play, not mse$/,
    ],
    ["--quality fast --iterations 9", /^--iterations does not go with --quality fast/],
    ["--stop-by vote", /^--stop-by vote needs the rules that vote/],
    ["--network decoder --objective sure", /^--objective sure needs a network that reads/],
  ];
  for (const [line, message] of cases) {
    await t.step(line, () => {
      assert.throws(() => optionsOf(line), (error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.exitCode, 2);
        assert.match(error.message, message);
        assert.equal(error.message.includes("\n"), false);
        return true;
      });
    });
  }
});

Deno.test("restore() and the command have the same default objective, whatever the network", () => {
  const problem = denoising(createImage({ height: 32, width: 32, channels: 1 }));
  assert.equal(resolveOptions(problem, {}).objective, optionsOf("--seed 1").objective);
  for (const name of Object.keys(NETWORKS)) {
    const options = optionsOf(`--network ${name}`);
    assert.equal(
      resolveOptions(problem, { network: options.network! }).objective,
      options.objective,
      name,
    );
  }
});
