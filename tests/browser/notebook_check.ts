// A notebook in JupyterLab, as a reader meets it: run by the menu, its chart live.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { faultsOf as faultsIn, type Notebook } from "../notebooks/_notebook.ts";
import { faultsOf, until } from "./_browser.ts";
import { checkPlay, checkSlider } from "./_chart.ts";
import { type Check, keep } from "./_check.ts";
import { startJupyter } from "./_jupyter.ts";

/** One of the quickest, with a slider. */
const NOTEBOOK = "01-spectral-bias.ipynb";

/** Seconds that the notebook may take on a busy machine. */
const LONGEST = 240;

/** Runs all cells by the menu, and waits for the last. */
async function runAll(page: Page): Promise<void> {
  const cells = page.locator(".jp-CodeCell .jp-InputPrompt");
  const prompts = () => cells.allTextContents();
  await page.getByText("Deno | Idle", { exact: true }).waitFor({ timeout: 60_000 });
  await page.getByRole("menuitem", { name: "Run", exact: true }).first().click();
  await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
  // A cell that waits or runs has an asterisk for its number.
  await until(async () => (await prompts()).includes("[*]:"), "the cells run");
  await until(async () => !(await prompts()).includes("[*]:"), "the cells have run", LONGEST);
}

/** Saves the notebook and reads the file. */
async function saved(page: Page, file: string): Promise<Notebook> {
  // JupyterLab marks a notebook whose changes are not saved.
  const mark = page.locator(".lm-TabBar-tab.jp-mod-dirty").first();
  await mark.waitFor();
  await page.keyboard.press("Control+s");
  await mark.waitFor({ state: "detached" });
  return JSON.parse(await Deno.readTextFile(file));
}

/** The check of a notebook. */
export const notebookCheck: Check = {
  name: "a notebook runs by JupyterLab's menu, and its chart is live",
  async run(stage) {
    await using jupyter = await startJupyter(NOTEBOOK);
    const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    const faults = faultsOf(page, jupyter.url);
    await page.goto(`${jupyter.url}/lab/tree/${NOTEBOOK}`);
    await page.locator(".jp-NotebookPanel").waitFor({ timeout: 60_000 });
    await runAll(page);
    assert.deepEqual(faultsIn(await saved(page, jupyter.file)), []);

    // A chart is a picture, which needs no script, until the pointer is over it.
    const chart = page.locator(".jp-RenderedPlotly").first();
    await chart.scrollIntoViewIfNeeded();
    await chart.hover();
    await chart.locator(".slider-container").waitFor();
    await keep(page, stage, "notebook-live");
    await checkSlider(page, chart);
    await checkPlay(chart);
    await keep(page, stage, "notebook-played");
    // To Plotly, a pause is an animation that was rejected, without a reason, and nobody catches it.
    assert.deepEqual(faults.filter((fault) => fault !== "thrown: undefined"), []);
  },
};
