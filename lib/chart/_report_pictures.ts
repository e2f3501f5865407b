// Pictures in a report: one on top of another, with what divides them.
import { encodePng, type Image } from "../image/mod.ts";
import { escapeHtml } from "./_html.ts";
import { sidesOf } from "./_picture.ts";

/** Pictures are made smaller so that no side is longer. */
const LONGEST = 2048;

/** Pictures narrower than this are shown enlarged, pixel by pixel. */
const SMALL = 640;

/** A picture as a PNG data URL. */
export const pictureUrl = async (image: Image): Promise<string> =>
  `data:image/png;base64,${(await encodePng(image, { longest: LONGEST })).toBase64()}`;

/**
 * Two pictures on top of each other; a divider that can be moved shows more of one or of the other.
 *
 * @param left Name and data URL of the picture on the left.
 * @param right The same of the one on the right, which gives the size.
 * @returns HTML.
 */
export function divided(
  left: readonly [name: string, source: string],
  right: readonly [name: string, source: string],
): string {
  const { height, width } = sidesOf(right[1]);
  const look = width < SMALL ? "pixelated" : "";
  const ratio = width / height;
  const size = `aspect-ratio: ${ratio}; max-width: min(${Math.max(width, SMALL)}px, ${
    80 * ratio
  }vh)`;
  const [first, second] = [left, right].map(([name]) => escapeHtml(name));
  return `<figure class="comparison" style="${size}">
<img class="${look}" src="${right[1]}" alt="Picture: ${second}">
<img class="before ${look}" src="${left[1]}" alt="Picture: ${first}">
<input type="range" min="0" max="100" value="50" step="0.5" aria-label="Divider between ${first} and ${second}">
<div class="divider"></div>
<figcaption><span>${first}</span><span>${second}</span></figcaption>
</figure>`;
}

/** A picture among others: its name, perhaps a note, and the image. */
interface Shown {
  readonly name: string;
  readonly note?: string;
  readonly image: Image;
}

/**
 * Pictures beside each other, as many in a row as the page has room for.
 *
 * @param pictures The pictures.
 * @returns HTML; nothing of no picture.
 */
export async function gallery(pictures: readonly Shown[]): Promise<string> {
  if (pictures.length === 0) return "";
  const items = await Promise.all(pictures.map(async ({ name, note = "", image }) => {
    const look = image.width < SMALL ? ` class="pixelated"` : "";
    const title = escapeHtml(name);
    return `<figure><img${look} src="${await pictureUrl(image)}" alt="Picture: ${title}">` +
      `<figcaption>${title}${note && `<small>${escapeHtml(note)}</small>`}</figcaption></figure>`;
  }));
  return `<div class="gallery">${items.join("\n")}</div>`;
}
