// Plotly's script, and Plotly without a browser: in a jsdom document, with text measured by a table.
import type { Figure } from "./figure.ts";

/** An element in which Plotly draws. */
interface PlotElement {
  remove(): void;
}

/** The used part of Plotly. */
interface Plotly {
  newPlot(
    element: PlotElement,
    data: Figure["data"],
    layout: Figure["layout"],
    config: { staticPlot: boolean },
  ): Promise<unknown>;
  purge(element: PlotElement): void;
  validate(
    data: Figure["data"],
    layout: Figure["layout"],
  ): { code: string; msg: string }[] | undefined;
  readonly Snapshot: { toSVG(element: PlotElement, format: "svg", scale: number): string };
}

/** Plotly, and elements in which it draws. */
interface PlotlyPage {
  readonly plotly: Plotly;
  createElement(): PlotElement;
}

/**
 * The globals of a browser that Plotly uses; they are parameters of its script, so that nothing global is changed.
 */
const BROWSER = [
  "document",
  "navigator",
  "location",
  "Element",
  "HTMLElement",
  "SVGElement",
  "Node",
  "Event",
  "MouseEvent",
  "DOMParser",
  "XMLSerializer",
  "MutationObserver",
  "getComputedStyle",
] as const;

let page: Promise<PlotlyPage> | undefined;

/** Loads Plotly on first use, which takes a second. */
export const plotlyPage = (): Promise<PlotlyPage> => page ??= load();

async function load(): Promise<PlotlyPage> {
  const [{ JSDOM, VirtualConsole }, source] = await Promise.all([import("jsdom"), plotlySource()]);
  // A console without listeners, because jsdom reports unsupported features.
  const { window } = new JSDOM("<!DOCTYPE html>", { virtualConsole: new VirtualConsole() });
  window.Element.prototype.getBoundingClientRect = function (this: TextElement) {
    return textBox(this, "page");
  };
  window.SVGElement.prototype.getBBox = function (this: TextElement) {
    return textBox(this, "own");
  };
  // With this, pictures are drawn with sharp pixels.
  window.CSS = { supports: () => true };
  const scope: Record<string, unknown> = {
    ...Object.fromEntries(BROWSER.map((name) => [name, window[name]])),
    window,
    self: window,
    global: window,
    globalThis: window,
    module: undefined,
    Image: LoadedImage,
    requestAnimationFrame: (callback: () => void) => setTimeout(callback, 0),
    cancelAnimationFrame: clearTimeout,
  };
  new Function(...Object.keys(scope), source)(...Object.values(scope));
  // A canvas is only used to read pixels under the pointer, which does not exist here.
  window.HTMLCanvasElement.prototype.getContext = () => ({ drawImage() {} });
  // Plotly's messages are for authors of pages.
  window.Plotly.setPlotConfig({ logging: 0 });
  return {
    plotly: window.Plotly,
    createElement: () => window.document.body.appendChild(window.document.createElement("div")),
  };
}

/** An image that is loaded as soon as its source is set. */
class LoadedImage {
  onload?: () => void;
  setAttribute(): void {
    queueMicrotask(() => this.onload?.());
  }
}

/**
 * The script's text, read on first use. It is imported as text and not read by its path, because a published package
 * has no path to its dependencies.
 */
export const plotlySource = (): Promise<string> => source ??= read();

let source: Promise<string> | undefined;

const read = async () =>
  (await import("plotly.js-dist-min/plotly.min.js", { with: { type: "text" } })).default;

/** The used part of an element. */
interface TextElement {
  readonly tagName: string;
  readonly textContent: string;
  readonly parentElement: TextElement | null;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<TextElement>;
}

/** A rectangle as `getBoundingClientRect()` and `getBBox()` return it. */
interface Box {
  readonly x: number;
  readonly y: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** The height and ascent of a line of text, relative to the font size. */
const LINE = 1.3, ASCENT = 1;

/** Widths of letters in a sans-serif font, relative to the font size; rather too wide than too narrow. */
const WIDTHS: readonly (readonly [letters: RegExp, width: number])[] = [
  [/[ijl|.,:;'!]/, 0.3],
  [/[ frt()[\]/-]/, 0.38],
  [/[mwMW%@]/, 0.9],
  [/[A-Z]/, 0.69],
];

/** The width of all other letters, and of digits. */
const USUAL = 0.61;

type Point = readonly [x: number, y: number];

/**
 * The bounds of an element's text.
 *
 * @param element The element.
 * @param space The coordinates: of the whole page, or the element's own.
 * @returns The bounds; empty at the origin if there is no text.
 */
function textBox(element: TextElement, space: "page" | "own"): Box {
  const texts = element.tagName === "text" ? [element] : [...element.querySelectorAll("text")];
  const corners = texts.flatMap((text) => {
    const points = cornersOf(text);
    const end = space === "own" ? element : null;
    return points.map((point) => transformed(point, text, end));
  });
  if (corners.length === 0) corners.push([0, 0]);
  const xs = corners.map(([x]) => x), ys = corners.map(([, y]) => y);
  const left = Math.min(...xs), right = Math.max(...xs);
  const top = Math.min(...ys), bottom = Math.max(...ys);
  return { x: left, y: top, left, right, top, bottom, width: right - left, height: bottom - top };
}

/** The corners of a text's box, before its own transform. */
function cornersOf(text: TextElement): Point[] {
  const number = (name: string) => Number(text.getAttribute(name) ?? 0);
  const size = Number(/font-size: ([\d.]+)px/.exec(text.getAttribute("style") ?? "")?.[1] ?? 12);
  const lines = [...text.querySelectorAll("tspan.line")].map(({ textContent }) => textContent);
  if (lines.length === 0) lines.push(text.textContent);
  const width = Math.max(...lines.map((line) => widthOf(line, size)));
  const anchor = text.getAttribute("text-anchor");
  const left = number("x") - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
  const top = number("y") - ASCENT * size, bottom = top + lines.length * LINE * size;
  return [[left, top], [left + width, top], [left, bottom], [left + width, bottom]];
}

function widthOf(line: string, size: number): number {
  const widths = [...line].map((letter) =>
    WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? USUAL
  );
  return size * widths.reduce((sum, width) => sum + width, 0);
}

/** Applies the transforms of an element and its ancestors below `end` to a point. */
function transformed(point: Point, from: TextElement, end: TextElement | null): Point {
  let moved = point;
  for (let element: TextElement | null = from; element && element !== end;) {
    // The last transform of a list is applied first.
    const list = element.getAttribute("transform") ?? "";
    for (const [, name, numbers] of [...list.matchAll(/(\w+)\(([^)]*)\)/g)].reverse()) {
      moved = apply(moved, name!, numbers!.trim().split(/[\s,]+/).map(Number));
    }
    element = element.parentElement;
  }
  return moved;
}

/** Applies a transform of the kinds that Plotly uses. */
function apply([x, y]: Point, name: string, [a = 0, b, c]: number[]): Point {
  if (name === "translate") return [x + a, y + (b ?? 0)];
  if (name === "scale") return [x * a, y * (b ?? a)];
  if (name !== "rotate") return [x, y];
  const cos = Math.cos(a * Math.PI / 180), sin = Math.sin(a * Math.PI / 180);
  const u = x - (b ?? 0), v = y - (c ?? 0);
  return [(b ?? 0) + cos * u - sin * v, (c ?? 0) + sin * u + cos * v];
}
