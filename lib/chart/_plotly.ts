// Plotly without a browser: in a document of jsdom's, which measures text by a table.
import { plotlySource } from "./_plotly_source.ts";
import { textBox, type TextElement } from "./_text_box.ts";
import type { Figure } from "./figure.ts";

/** An element for Plotly to draw in. */
export interface PlotElement {
  remove(): void;
}

/** What is used of Plotly. */
export interface Plotly {
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

/** Plotly, and elements for it to draw in. */
export interface PlotlyPage {
  readonly plotly: Plotly;
  createElement(): PlotElement;
}

/** What Plotly finds in a browser; it is given these by name, so that nothing global is touched. */
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

/** Loads Plotly when it is first asked for, which takes a second. */
export const plotlyPage = (): Promise<PlotlyPage> => page ??= load();

async function load(): Promise<PlotlyPage> {
  const [{ JSDOM, VirtualConsole }, source] = await Promise.all([import("jsdom"), plotlySource()]);
  // A console that nobody listens to: jsdom says what it lacks.
  const { window } = new JSDOM("<!DOCTYPE html>", { virtualConsole: new VirtualConsole() });
  window.Element.prototype.getBoundingClientRect = function (this: TextElement) {
    return textBox(this, "page");
  };
  window.SVGElement.prototype.getBBox = function (this: TextElement) {
    return textBox(this, "own");
  };
  // Pictures are drawn with their pixels as they are.
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
  // Only what reads pixels under the pointer would draw on it, and nobody points.
  window.HTMLCanvasElement.prototype.getContext = () => ({ drawImage() {} });
  // What Plotly says in a console is for a page's author.
  window.Plotly.setPlotConfig({ logging: 0 });
  return {
    plotly: window.Plotly,
    createElement: () => window.document.body.appendChild(window.document.createElement("div")),
  };
}

/** An image that has loaded as soon as it has a source. */
class LoadedImage {
  onload?: () => void;
  setAttribute(): void {
    queueMicrotask(() => this.onload?.());
  }
}
