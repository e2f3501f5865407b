// Chromium, and pages that record their errors and warnings.
import { delimiter, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { Failure } from "../../scripts/_failure.ts";

/** What Chromium is called where it is installed. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/** Beside what Playwright says itself: no graphics card is needed, and nothing is asked of a network. */
const ARGS = ["--disable-gpu", "--disable-quic", "--disable-sync"];

/** The first Chromium on the path. */
async function installed(): Promise<string | undefined> {
  const extension = Deno.build.os === "windows" ? ".exe" : "";
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter);
  for (const name of NAMES) {
    for (const folder of folders) {
      const file = join(folder, name + extension);
      if ((await Deno.stat(file).catch(() => undefined))?.isFile) return file;
    }
  }
  return undefined;
}

/**
 * Starts a browser without a window.
 *
 * @param file Its program. @default {the first Chromium or Chrome on the path}
 * @returns The browser.
 * @throws {Failure} If there is none.
 */
export async function openBrowser(file?: string): Promise<Browser> {
  const executablePath = file ?? await installed();
  if (executablePath === undefined) {
    throw new Failure(
      "Chromium is needed (Debian and Ubuntu: apt install chromium; elsewhere: --browser FILE)",
    );
  }
  return await chromium.launch({ executablePath, args: ARGS });
}

/**
 * Keeps what goes wrong in a page: errors in its console or thrown, answers that are errors, and requests
 * to anywhere but the page's own origin.
 *
 * @param page The page, before it is opened.
 * @param origin What its requests may begin with.
 * @returns One line a fault, in the order in which they come.
 */
export function faultsOf(page: Page, origin: string): string[] {
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", ({ message }) => void faults.push(`thrown: ${message}`));
  page.on("response", (response) => {
    if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(?:data|blob):/.test(url)) faults.push(`asks for ${url}`);
  });
  return faults;
}

/**
 * Asks again and again until something is so.
 *
 * @param check What is to become true.
 * @param what What is said if it does not.
 * @param seconds How long it may take. @default {10}
 */
export async function until(
  check: () => Promise<boolean>,
  what: string,
  seconds = 10,
): Promise<void> {
  const end = performance.now() + 1000 * seconds;
  while (!await check()) {
    if (performance.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
