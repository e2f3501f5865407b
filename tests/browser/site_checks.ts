// The site: every page narrow and wide, light and dark, its formulas, its links and its sliders.
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { faultsOf } from "./_browser.ts";
import { checkKeys, checkPlay, checkSlider } from "./_chart.ts";
import { type Check, keep, type Stage } from "./_check.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

let made: Promise<string> | undefined;

/** Makes the site, once; its folder. */
const siteOf = (folder: string): Promise<string> =>
  made ??= (async () => {
    const site = join(folder, "site");
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "site", "--output", site],
      cwd: ROOT,
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    return site;
  })();

const WINDOWS = [
  { name: "narrow", viewport: { width: 390, height: 844 }, colorScheme: "light" },
  { name: "wide", viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
] as const;

/** The pages below a folder. */
function pagesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? pagesIn(join(folder, name)) : name.endsWith(".html") ? [join(folder, name)] : []
  ).sort();
}

async function checkPages(stage: Stage, { name, ...window }: typeof WINDOWS[number]) {
  const site = await siteOf(stage.folder), pages = pagesIn(site);
  assert.ok(pages.length > 10, `${pages.length} pages`);
  const context = await stage.browser.newContext(window);
  for (const file of pages) {
    const page = await context.newPage(), faults = faultsOf(page, pathToFileURL(site).href);
    await page.goto(pathToFileURL(file).href);
    const charts = await page.locator(".chart").all();
    for (const chart of charts) await chart.locator(".main-svg").first().waitFor();
    const [content, visible] = await page.evaluate<[number, number]>(
      "[document.documentElement.scrollWidth, innerWidth]",
    );
    assert.ok(content <= visible, `${file}: ${content} pixels are wider than ${visible}`);
    const text = await page.locator("main").innerText();
    assert.doesNotMatch(text, /\$[^$]*\\[a-z]+/, `${file}: a formula is not set`);
    const links = await page.locator("a[href]").evaluateAll((all) =>
      all.map((link) => (link as unknown as { href: string }).href)
    );
    for (const href of links) {
      if (!href.startsWith("file:")) continue;
      const target = fileURLToPath(href.split("#")[0]!);
      assert.ok(
        await Deno.stat(target).then(() => true, () => false),
        `${file} leads to ${target}`,
      );
    }
    await keep(
      page,
      stage,
      `site-${name}-${file.slice(site.length + 1).replaceAll("/", "-")}`,
      true,
    );
    assert.deepEqual(faults, [], file);
    await page.close();
  }
}

const sliderCheck: Check = {
  name: "a page of the course steps through its charts",
  async run(stage) {
    const site = await siteOf(stage.folder);
    const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage(), faults = faultsOf(page, pathToFileURL(site).href);
    await page.goto(pathToFileURL(join(site, "03-measuring.html")).href);
    const chart = page.locator(".chart:has(.slider-container)").first();
    await chart.locator(".slider-container").waitFor();
    await checkSlider(page, chart);
    await checkKeys(chart, page.locator(`.steps:has(+ #${await chart.getAttribute("id")})`));
    await checkPlay(chart);
    assert.deepEqual(faults, []);
  },
};

/** The checks of the site. */
export const siteChecks: readonly Check[] = [
  ...WINDOWS.map((window): Check => ({
    name: `the site in a ${window.name} window, ${window.colorScheme}`,
    run: (stage) => checkPages(stage, window),
  })),
  sliderCheck,
];
