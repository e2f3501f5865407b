// The reports of the commands: narrow and wide, light and dark, with mouse, touch and keyboard.
import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { addGaussianNoise, writeImage } from "../../lib/image/mod.ts";
import { catInput, catsFace, runTask, type Task } from "../scripts/_command.ts";
import { faultsOf, until } from "./_browser.ts";
import { checkKeys, checkPlay, checkSlider, unreadable } from "./_chart.ts";
import { type Check, keep, type Stage } from "./_check.ts";

/** Pixels of the picture's side. */
const SIDE = 96;

/** A run that shows everything, in a few seconds. */
const RUN = [
  ...["--add-noise", "25", "--network", "decoder", "--channels", "8", "--objective", "mse"],
  ...["--iterations", "40", "--quiet"],
];

/** Makes the report of a command. */
const REPORTS: Partial<Record<Task, (folder: string, report: string) => Promise<string[]>>> = {
  denoise: async (folder, report) => [
    ...[await catInput(folder, SIDE), ...RUN, "--stop", "held-out,wmv,emv"],
    ...["--output", join(folder, "restored.png"), "--report", report],
  ],
  compare: async (folder, report) => [
    ...[await catInput(folder, SIDE), ...RUN, "--vary", "lipschitz=1,none", "--seeds", "2"],
    ...["--output", join(folder, "study"), "--report", report],
  ],
  measure: async (folder, report) => {
    const clean = await catsFace(SIDE), noisy = addGaussianNoise(clean, 0.1, 1);
    // It lacks contrast and keeps some of the noise.
    const data = noisy.data.map((value, i) => 0.4 * value + 0.5 * clean.data[i]!);
    const pictures = { output: { ...clean, data }, noisy, clean };
    const files = Object.keys(pictures).map((name) => join(folder, `${name}.png`));
    for (const [i, image] of Object.values(pictures).entries()) await writeImage(files[i]!, image);
    const [measured, target, reference] = files as [string, string, string];
    return [measured, target, "--reference", reference, "--channels", "each", "--report", report];
  },
};

const made = new Map<Task, Promise<string>>();

/** Makes a command's report, once. */
function reportOf(command: Task, folder: string): Promise<string> {
  const making = made.get(command) ?? (async () => {
    const file = join(folder, `${command}.html`);
    const { code, stderr } = await runTask(command, ...await REPORTS[command]!(folder, file));
    assert.equal(code, 0, stderr);
    return file;
  })();
  made.set(command, making);
  return making;
}

/** The windows: a phone's, which is touched, and a desk's. */
const WINDOWS: Readonly<Record<string, BrowserContextOptions>> = {
  narrow: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
  wide: { viewport: { width: 1280, height: 900 } },
};

const SCHEMES = ["light", "dark"] as const;

/** Where the divider of before and after is, in percent of the width. */
async function dividerOf(page: Page): Promise<number> {
  const [whole, line] = await Promise.all(
    [".comparison", ".divider"].map((selector) => page.locator(selector).first().boundingBox()),
  );
  return 100 * (line!.x + line!.width / 2 - whole!.x) / whole!.width;
}

/** Moves the divider between before and after by each device. */
async function checkDivider(page: Page, touches: boolean): Promise<void> {
  const input = page.locator(".comparison input").first();
  await input.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await input.boundingBox())!;
  const at = (part: number): [number, number] => [x + part * width, y + height / 2];
  const near = (value: number) => async () => Math.abs(await dividerOf(page) - value) < 3;
  await page.mouse.move(...at(0.5));
  await page.mouse.down();
  await page.mouse.move(...at(0.2), { steps: 5 });
  await page.mouse.up();
  await until(near(20), "the mouse moves the divider");
  if (touches) {
    await page.touchscreen.tap(...at(0.7));
    await until(near(70), "a finger moves the divider");
  }
  await input.focus();
  await page.keyboard.press("Home");
  await until(near(0), "Home moves the divider");
  for (let i = 0; i < 20; i++) await page.keyboard.press("ArrowRight");
  await until(near(10), "arrows move the divider");
}

/** Whether the study's pictures are there, each as wide as it is shown. */
async function checkGallery(page: Page): Promise<void> {
  const shown = await page.evaluate<number[]>(
    "[...document.querySelectorAll('.gallery img')].map(({ complete, naturalWidth }) => complete ? naturalWidth : 0)",
  );
  assert.ok(shown.length >= 2, "the pictures of two cases");
  assert.ok(shown.every((width) => width === SIDE), `pictures of ${SIDE} pixels: got ${shown}`);
}

/** Whether the page, which may be dark, has enough contrast, names for what can be operated, and so on. */
async function checkAccess(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate<{ id: string; targets: string[] }[]>(`
    axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa"] }).then(({ violations }) =>
      violations.map(({ id, nodes }) => ({ id, targets: nodes.map(({ target }) => target.join(" ")) }))
    )
  `);
  assert.deepEqual(violations, []);
}

/** Looks at a report in one window. */
async function checkReport(command: Task, name: string, scheme: "light" | "dark", stage: Stage) {
  const url = pathToFileURL(await reportOf(command, stage.folder)).href;
  const window = WINDOWS[name]!, touches = window.hasTouch ?? false;
  const context = await stage.browser.newContext({ ...window, colorScheme: scheme });
  const page = await context.newPage();
  const faults = faultsOf(page, url);
  await page.goto(url);
  const charts = await page.locator(".chart").all();
  assert.ok(charts.length > 0, "there are no charts");
  for (const chart of charts) await chart.locator(".main-svg").first().waitFor();

  const [content, visible] = await page.evaluate<[number, number]>(
    "[document.documentElement.scrollWidth, innerWidth]",
  );
  assert.ok(content <= visible, `${content} pixels are wider than the window's ${visible}`);
  for (const chart of charts) {
    const id = await chart.getAttribute("id");
    assert.deepEqual(await unreadable(chart), [], `the chart ${id}`);
  }
  await checkAccess(page);
  await keep(page, stage, `${command}-${name}-${scheme}`, true);

  // Colours change nothing of what can be moved.
  if (scheme === "light") {
    // A study shows its pictures side by side, the others before and after under a divider.
    if (command === "compare") await checkGallery(page);
    else await checkDivider(page, touches);
    await checkControls(page, charts, touches);
  }
  assert.deepEqual(faults, []);
}

/** Moves whatever can be moved. */
async function checkControls(page: Page, charts: readonly Locator[], touches: boolean) {
  for (const chart of charts) {
    if (await chart.locator(".slider-container").count() === 0) continue;
    await checkSlider(page, chart, touches);
    await checkKeys(chart, page.locator(`.steps:has(+ #${await chart.getAttribute("id")})`));
    await checkPlay(chart);
  }
}

/** A check for each command's report, window and colour scheme. */
export const reportChecks: readonly Check[] = (Object.keys(REPORTS) as Task[]).flatMap((command) =>
  Object.keys(WINDOWS).flatMap((name) =>
    SCHEMES.map((scheme) => ({
      name: `the report of ${command} in a ${name} window, ${scheme}`,
      run: (stage: Stage) => checkReport(command, name, scheme, stage),
    }))
  )
);
