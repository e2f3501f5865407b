// deno task test:browser [--browser FILE] [--screenshots FOLDER] [NAME...]: tests pages in Chromium.
import { parseArgs } from "node:util";
import { runCommand } from "../../scripts/_failure.ts";
import { openBrowser } from "./_browser.ts";
import { type Check, keep } from "./_check.ts";
import { notebookChecks } from "./notebook_check.ts";
import { reportChecks } from "./report_checks.ts";
import { siteChecks } from "./site_checks.ts";

const CHECKS: readonly Check[] = [...reportChecks, ...siteChecks, ...notebookChecks];

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { browser: { type: "string" }, screenshots: { type: "string" } },
    allowPositionals: true,
  });
  const browser = await openBrowser(values.browser);
  const folder = values.screenshots ?? await Deno.makeTempDir({ prefix: "screenshots-" });
  await Deno.mkdir(folder, { recursive: true });
  const chosen = CHECKS.filter(({ name }) =>
    positionals.length === 0 || positionals.some((part) => name.includes(part))
  );
  let failed = 0;
  for (const [i, { name, run }] of chosen.entries()) {
    const start = performance.now();
    const fault = await run({ browser, folder }).then(() => undefined, (error: Error) => error);
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    console.log(`${name} ... ${fault ? "FAILED" : "ok"} (${seconds}s)`);
    if (fault) console.log(`  ${fault.message.trim().replaceAll("\n", "\n  ")}`);
    if (fault) failed++;
    for (const context of browser.contexts()) {
      if (fault) await keep(context.pages()[0]!, { browser, folder }, `failed-${i + 1}`);
      await context.close();
    }
  }
  await browser.close();
  console.log(`screenshots are in ${folder}\n\n${chosen.length - failed} passed, ${failed} failed`);
  return failed > 0 || chosen.length === 0 ? 1 : 0;
}

await runCommand("test:browser", run);
