// --help of the restoring commands: in groups, every option in one that fits.
import assert from "node:assert/strict";
import { commandOf } from "../../scripts/_restoration.ts";
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
