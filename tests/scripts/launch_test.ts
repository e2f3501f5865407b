// deno task: it echoes one short line, and the launcher ends with the command's exit code.
import assert from "node:assert/strict";
import { join } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { catInput, ended, inFolder, ROOT, start } from "./_command.ts";

/** Runs `deno task` itself. */
const task = (...args: string[]) => ended(start([Deno.execPath(), "task", ...args]));

Deno.test("a task echoes one short line and gives the command's output and exit code", async () => {
  const { code, stdout, stderr } = await task("measure", "--version");
  assert.deepEqual([code, stdout], [0, `${config.version}\n`]);
  assert.match(stderr, /^Task measure [^\n]{1,110}\n$/);

  const wrong = await task("denoise", "--objectve", "mse");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^Task [^\n]*\ndenoise: unknown option '--objectve'[^\n]*\n$/);
});

Deno.test("the launcher starts nothing but the commands", async () => {
  const launcher = config.tasks.denoise.command.split(" ").slice(1, -1);
  const { code, stderr } = await ended(start([Deno.execPath(), ...launcher.slice(1), "site"]));
  assert.equal(code, 2);
  assert.match(stderr, /^launch: the command must be one of denoise, [^\n]*\n$/);
});

Deno.test("every task has a description", () => {
  for (const [name, { description }] of Object.entries(config.tasks)) {
    assert.match(description, /^[A-Z]/, name);
  }
});

Deno.test("a relative path is relative to the user's folder, whatever INIT_CWD another program has set", async (t) => {
  await inFolder(async (folder) => {
    await catInput(folder, 16);
    const run = async (...args: string[]) => {
      const env = { INIT_CWD: "/", USERS_FOLDER: "", NO_COLOR: "1" };
      const command = new Deno.Command(Deno.execPath(), { args, cwd: folder, env });
      const { code, stderr } = await command.output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    };
    const file = join(ROOT, "deno.json");
    await t.step(
      "a script",
      () =>
        run("run", "-A", "--config", file, join(ROOT, "scripts/measure.ts"), "cat.png", "cat.png"),
    );
    await t.step({
      name: "a task",
      // Other systems do not tell where a process runs.
      ignore: Deno.build.os !== "linux",
      fn: () => run("task", "--config", file, "measure", "cat.png", "cat.png"),
    });
  });
});
