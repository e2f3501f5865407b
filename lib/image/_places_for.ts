// Names the temporary file that a file is written to first.
import { dirname, join, resolve } from "node:path";
import { ImageError } from "./image_error.ts";
import { reason } from "./_reason.ts";

/** Where a file is first written and where it goes then. */
export interface Places {
  /** The file itself; the one a link points to, so that the link stays. */
  target: string;
  /** A new name in the same folder, hence on the same disk, where a rename is atomic. */
  temporary: string;
}

/** The places for writing `path`; an `ImageError` where it exists and is no ordinary file, or cannot exist. */
export async function placesFor(path: string): Promise<Places> {
  const existing = await Deno.stat(path).catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw new ImageError(`cannot write "${path}": ${reason(error)}`, { cause: error });
  });
  if (existing && !existing.isFile) {
    const what = existing.isDirectory ? "a folder" : "not an ordinary file";
    throw new ImageError(`cannot write "${path}": it is ${what}`);
  }
  const target = existing ? await Deno.realPath(path) : await pointedTo(path);
  return { target, temporary: join(dirname(target), `.${crypto.randomUUID()}.tmp`) };
}

/** What a link to a file that is not there yet points to; a path that is no link is itself. */
async function pointedTo(path: string): Promise<string> {
  const link = await Deno.readLink(path).catch(() => undefined);
  return link === undefined ? path : await pointedTo(resolve(dirname(path), link));
}
