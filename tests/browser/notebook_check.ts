// Notebooks in JupyterLab: run from the menu, with live charts at once and a live display of a run.
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { faultsOf as faultsIn, type Notebook } from "../notebooks/_notebook.ts";
import { faultsOf, until } from "./_browser.ts";
import { checkPlay, checkSlider } from "./_chart.ts";
import { type Check, keep, type Stage } from "./_check.ts";
import { type Jupyter, startJupyter } from "./_jupyter.ts";

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

/** Opens a notebook in a new window. */
async function open(stage: Stage, { url }: Jupyter, name: string): Promise<[Page, string[]]> {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const faults = faultsOf(page, url);
  await page.goto(`${url}/lab/tree/${name}`);
  await page.locator(".jp-NotebookPanel").waitFor({ timeout: 60_000 });
  return [page, faults];
}

const runCheck: Check = {
  name:
    "a notebook runs by JupyterLab's menu, and its charts are live before the pointer is over them",
  async run(stage) {
    await using jupyter = await startJupyter(NOTEBOOK);
    const [page, faults] = await open(stage, jupyter, NOTEBOOK);
    await runAll(page);
    const chart = page.locator(".jp-RenderedPlotly").first();
    await chart.scrollIntoViewIfNeeded();
    await chart.locator(".slider-container").waitFor();
    assert.equal(
      await chart.locator("img.plot-img:visible").count(),
      0,
      "a picture is in its place",
    );
    await keep(page, stage, "notebook-live");
    await checkSlider(page, chart);
    await checkPlay(chart);
    await keep(page, stage, "notebook-played");
    assert.deepEqual(faultsIn(await saved(page, jupyter.file)), []);
    // To Plotly, a pause is an animation that was rejected, without a reason, and nobody catches it.
    assert.deepEqual(faults.filter((fault) => fault !== "thrown: undefined"), []);
  },
};

/** A run of some seconds, shown while it goes on; how long it takes is up to the page. */
const WATCHED =
  `import { createImage, decoder, denoising, fixedBudget, random, restore, showProgress } from "../mod.ts";

const data = new Float32Array(64 * 64);
random(1).fillUniform(data, 0, 1);
const noisy = createImage({ height: 64, width: 64, channels: 1, data });
await showProgress(restore(denoising(noisy), {
  objective: "mse",
  network: decoder({ channels: 16 }),
  iterations: 100_000,
  stop: [fixedBudget()],
  reference: noisy,
}));`;

const progressCheck: Check = {
  name: "showProgress() moves in JupyterLab while the run goes on, and ends with a live chart",
  async run(stage) {
    const name = "watched.ipynb";
    await using jupyter = await startJupyter(name, [WATCHED]);
    const [page, faults] = await open(stage, jupyter, name);
    await page.getByText("Deno | Idle", { exact: true }).waitFor({ timeout: 60_000 });
    await page.getByRole("menuitem", { name: "Run", exact: true }).first().click();
    await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
    const picture = page.locator(".jp-RenderedSVG img");
    await picture.waitFor({ timeout: 1000 * LONGEST });
    const seen = new Set<string | null>();
    await until(
      async () => seen.add(await picture.getAttribute("src")).size >= 4,
      "the chart moves three times",
      LONGEST,
    );
    await keep(page, stage, "watched");
    await page.getByRole("menuitem", { name: "Kernel", exact: true }).first().click();
    await page.getByRole("menuitem", { name: /^Interrupt Kernel/ }).click();
    const chart = page.locator(".jp-RenderedPlotly");
    await chart.locator(".legend").waitFor({ timeout: 60_000 });
    assert.equal(await picture.count(), 0, "the moving picture has gone");
    await page.getByText(/^\d+ iterations, interrupted, best \d+$/).waitFor();
    await keep(page, stage, "watched-ended");
    assert.deepEqual(faults, []);
  },
};

/** The checks of notebooks. */
export const notebookChecks: readonly Check[] = [runCheck, progressCheck];
