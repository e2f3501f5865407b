// --help of the restoring commands: groups, and every option in a suitable one.
import assert from "node:assert/strict";
import { createImage, type Image } from "../../lib/image/mod.ts";
import { createCommand, parseArguments } from "../../scripts/_command_line.ts";
import {
  addTaskOptions,
  commandOf,
  libraryOptions,
  pose,
  runOf,
} from "../../scripts/_restoration.ts";
import type { RestorationOptions } from "../../scripts/_restoration_options.ts";
import { TASKS } from "../../scripts/tasks/mod.ts";

/** The long names of the options under each heading of a help text. */
function groupsOf(help: string): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  let heading = "";
  for (const line of help.split("\n")) {
    if (/^\S.*:$/.test(line)) heading = line.slice(0, -1);
    const name = /^ {2}(?:-\w, )?--([\w-]+)/.exec(line)?.[1];
    if (name) (groups[heading] ??= []).push(name);
  }
  return groups;
}

/** An option that every command has, in each group. */
const MEMBERS: Readonly<Record<string, string>> = {
  "Picture and noise": "reference",
  Network: "network",
  "Control of the spectral bias": "lipschitz",
  Training: "iterations",
  Stopping: "stop",
  Output: "report",
};

for (const task of TASKS) {
  Deno.test(`${task.name} --help has its options in groups`, () => {
    const command = commandOf(task), groups = groupsOf(command.helpInformation());
    for (const [group, member] of Object.entries(MEMBERS)) {
      assert.ok(groups[group]?.includes(member), `${group}: ${groups[group]}`);
    }
    assert.deepEqual(groups["Options"], ["version", "help"]);
    const listed = Object.values(groups).flat(),
      all = command.options.map(({ long }) => long!.slice(2));
    assert.deepEqual([...listed].sort(), [...all, "help"].sort());
  });
}

/** Command lines that make each task train a network for one iteration. */
const TRAINING: Readonly<Record<string, string>> = {
  denoise: "--noise-sigma 10 --quality balanced",
  inpaint: "--remove 50",
  upscale: "--factor 2",
  deblock: "--jpeg-quality 30",
  deblur: "--gaussian 1",
};
const TRAINED = "--iterations 1 --channels 4 --skip-channels 2";

const grey: Image = createImage({
  height: 32,
  width: 32,
  channels: 1,
  data: Float32Array.from({ length: 1024 }, (_, i) => 0.5 + 0.3 * Math.sin(i / 3)),
});

for (const task of TASKS) {
  const line = TRAINING[task.name];
  if (line === undefined) continue;
  Deno.test(`${task.name} --help names the learning rate that a run uses`, async () => {
    const command = addTaskOptions(createCommand(task.name, "Restores.", []), task);
    const help = command.options.find(({ long }) => long === "--learning-rate")!.description;
    assert.ok(parseArguments(command, `${line} ${TRAINED}`.split(" ")));
    const options = command.opts<RestorationOptions>();
    const posed = await pose(task, { file: "", picture: grey, reference: undefined }, options);
    const run = runOf(posed, libraryOptions(task, options), new AbortController().signal);
    const { learningRate, objective } = (await run.result).record.settings;
    // "0.04; with --input random ..." or "..., 0.03 with guided, else ...".
    const said = objective === "guided"
      ? /([\d.]+) with guided/.exec(help)
      : /default: ([\d.]+);/.exec(help);
    assert.equal(Number(said?.[1]), learningRate, help);
  });
}
