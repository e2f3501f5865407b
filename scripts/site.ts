// deno task site [--output FOLDER]: writes the notebooks and the docs as static pages with live charts.
import { basename, dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { pageAssets, pageHtml } from "../lib/chart/mod.ts";
import { createCommand, parseArguments } from "./_command_line.ts";
import { Failure, runCommand } from "./_failure.ts";
import { markdownRenderer } from "./_site_markdown.ts";
import { notebookBody } from "./_site_notebook.ts";
import style from "./_site.css" with { type: "text" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The default output folder. */
const FOLDER = "site";

/** A file of the project that becomes a page. */
interface Source {
  /** Its path from the project's root. */
  readonly path: string;
  /** The page's path from the site's root. */
  readonly page: string;
}

/** The pages of the site: the notebooks, their index first, and the docs. */
function sources(): Source[] {
  const list = (folder: string, extension: string) =>
    [...Deno.readDirSync(join(ROOT, folder))].map(({ name }) => name)
      .filter((name) => name.endsWith(extension)).sort()
      .map((name): Source => ({
        path: posix.join(folder, name),
        page: posix.join(folder, `${basename(name, extension)}.html`),
      }));
  const course = list("notebooks", ".ipynb").map(({ path }): Source => ({
    path,
    page: `${basename(path, ".ipynb")}.html`,
  }));
  const own = ["README.md", "ARCHITECTURE.md"].map((path): Source => ({
    path,
    page: `docs/${path.replace(".md", ".html").toLowerCase()}`,
  }));
  return [...course, ...list("docs", ".md"), ...own];
}

/** Links above a page's text: to the index of notebooks and to the docs. */
function navigation(from: string, pages: readonly Source[]): string {
  const to = (page: string) => posix.relative(posix.dirname(from), page) || basename(page);
  const docs = pages.filter(({ page }) => page.startsWith("docs/"));
  const links = [
    ["index.html", "The course"] as const,
    ...docs.map(({ page }) => [page, nameOf(page)] as const),
  ];
  return `<nav aria-label="Site">${
    links.map(([page, name]) =>
      `<a href="${to(page)}"${page === from ? ' aria-current="page"' : ""}>${name}</a>`
    ).join(" ")
  }</nav>`;
}

const nameOf = (page: string) => basename(page, ".html").replaceAll("-", " ");

/** Translates a link of a file to the site; linked pictures are copied. */
function linkFrom(
  source: Source,
  pages: readonly Source[],
  copied: Set<string>,
): (href: string) => string {
  return (href) => {
    if (/^[a-z]+:|^#/.test(href)) return href;
    const [path = "", fragment] = href.split("#");
    const target = posix.normalize(posix.join(posix.dirname(source.path), path));
    const page = pages.find((other) => other.path === target)?.page;
    if (page === undefined) copied.add(target);
    const to = posix.relative(posix.dirname(source.page), page ?? `files/${target}`);
    return fragment === undefined ? to : `${to}#${fragment}`;
  };
}

const titleOf = (markdown: string) => /^# (.*)$/m.exec(markdown)?.[1] ?? "Untitled";

async function pageOf(
  source: Source,
  pages: readonly Source[],
  copied: Set<string>,
): Promise<string> {
  const text = await Deno.readTextFile(join(ROOT, source.path));
  const markdown = markdownRenderer(linkFrom(source, pages, copied));
  const notebook = source.path.endsWith(".ipynb") ? JSON.parse(text) : undefined;
  const body = notebook ? notebookBody(notebook.cells, markdown) : markdown(text);
  const title = titleOf(notebook ? notebook.cells[0].source.join("") : text);
  const assets = posix.relative(posix.dirname(source.page), "assets") || "assets";
  return pageHtml({
    title,
    body: `${navigation(source.page, pages)}\n<main>${body}</main>`,
    assets,
  });
}

async function write(folder: string, path: string, content: string): Promise<void> {
  const file = join(folder, path);
  await Deno.mkdir(dirname(file), { recursive: true });
  await Deno.writeTextFile(file, content);
}

async function site(args: readonly string[]): Promise<number> {
  const command = createCommand("site", "Writes the course and the docs as static pages.", [
    ["into the folder site", ""],
    ["elsewhere", "--output public"],
  ]).option("--output <folder>", "where; files of the same names are replaced", FOLDER);
  if (!parseArguments(command, args)) return 0;
  const { output: folder } = command.opts<{ output: string }>();
  const pages = sources(), copied = new Set<string>();
  for (const source of pages) await write(folder, source.page, await pageOf(source, pages, copied));
  const { "page.css": common, ...scripts } = await pageAssets();
  for (const [name, text] of Object.entries({ ...scripts, "page.css": `${common}\n${style}` })) {
    await write(folder, `assets/${name}`, text);
  }
  for (const path of copied) {
    const file = join(folder, "files", path);
    if (path.startsWith("..")) throw new Failure(`a page links to "${path}", outside the project`);
    const { isFile } = await Deno.stat(join(ROOT, path));
    // A link to a folder of the code is not a page.
    if (!isFile) continue;
    await Deno.mkdir(dirname(file), { recursive: true });
    await Deno.copyFile(join(ROOT, path), file);
  }
  console.log(
    `wrote ${pages.length} pages; begin with ${relative(Deno.cwd(), join(folder, "index.html"))}`,
  );
  return 0;
}

await runCommand("site", site);
