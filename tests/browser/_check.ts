// The arguments of a check in the browser.
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";

/** The browser, and where pictures of its pages go. */
export interface Stage {
  readonly browser: Browser;
  readonly folder: string;
}

/** One check. */
export interface Check {
  readonly name: string;
  /** Throws if something is not as it must be. */
  readonly run: (stage: Stage) => Promise<void>;
}

/** Keeps what a page shows as a picture, all of it if it is asked for as a whole. */
export async function keep(page: Page, { folder }: Stage, name: string, fullPage = false) {
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
}
