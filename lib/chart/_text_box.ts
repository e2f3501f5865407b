// Where an SVG element's text is, where there is no browser to ask.

/** What is used of an element. */
export interface TextElement {
  readonly tagName: string;
  readonly textContent: string;
  readonly parentElement: TextElement | null;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<TextElement>;
}

/** A rectangle as `getBoundingClientRect()` and `getBBox()` return it. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly width: number;
  readonly height: number;
}

/** Lines of text, in parts of the font's size. */
const LINE = 1.3, ASCENT = 1;

/** Widths of the letters of a sans-serif font, in parts of its size; rather too wide than too narrow. */
const WIDTHS: readonly (readonly [letters: RegExp, width: number])[] = [
  [/[ijl|.,:;'!]/, 0.3],
  [/[ frt()[\]/-]/, 0.38],
  [/[mwMW%@]/, 0.9],
  [/[A-Z]/, 0.69],
];

/** All other letters, and digits. */
const USUAL = 0.61;

type Point = readonly [x: number, y: number];

/**
 * The bounds of an element's text.
 *
 * @param element The element.
 * @param space Whether in the coordinates of the whole page, or in the element's own.
 * @returns The bounds; empty at the origin if there is no text.
 */
export function textBox(element: TextElement, space: "page" | "own"): Box {
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

/** A point after the transforms of an element and those around it, up to but without `end`. */
function transformed(point: Point, from: TextElement, end: TextElement | null): Point {
  let moved = point;
  for (let element: TextElement | null = from; element && element !== end;) {
    // The last transform of a list is the first that is applied.
    const list = element.getAttribute("transform") ?? "";
    for (const [, name, numbers] of [...list.matchAll(/(\w+)\(([^)]*)\)/g)].reverse()) {
      moved = apply(moved, name!, numbers!.trim().split(/[\s,]+/).map(Number));
    }
    element = element.parentElement;
  }
  return moved;
}

/** The transforms that Plotly uses. */
function apply([x, y]: Point, name: string, [a = 0, b, c]: number[]): Point {
  if (name === "translate") return [x + a, y + (b ?? 0)];
  if (name === "scale") return [x * a, y * (b ?? a)];
  if (name !== "rotate") return [x, y];
  const cos = Math.cos(a * Math.PI / 180), sin = Math.sin(a * Math.PI / 180);
  const u = x - (b ?? 0), v = y - (c ?? 0);
  return [(b ?? 0) + cos * u - sin * v, (c ?? 0) + sin * u + cos * v];
}
