// Denoises with BM3D in Python; pictures are exchanged as NumPy files.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createImage, type Image } from "../mod.ts";

const SCRIPT = fileURLToPath(new URL("peer_bm3d.py", import.meta.url));

/** The signature of a NumPy file of version 1. */
const MAGIC = Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"), 1, 0);

/** The header's length is a multiple of this. */
const ALIGNMENT = 64;

/** A picture as a NumPy file of shape (height, width, channels). */
function encodeNpy({ height, width, channels, data }: Image): Uint8Array {
  const text =
    `{'descr': '<f4', 'fortran_order': False, 'shape': (${height}, ${width}, ${channels}), }`;
  const begin = MAGIC.length + 2,
    length = Math.ceil((begin + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(length + data.byteLength);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint16(MAGIC.length, length - begin, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(length - begin - 1)}\n`), begin);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), length);
  return bytes;
}

/** Decodes an array of a picture's shape. */
function decodeNpy(bytes: Uint8Array, { height, width, channels }: Image): Image {
  const begin = MAGIC.length + 2;
  const length = begin + new DataView(bytes.buffer).getUint16(MAGIC.length, true);
  const data = new Float32Array(bytes.slice(length).buffer);
  return createImage({ height, width, channels, data });
}

/**
 * Denoises by BM3D.
 *
 * @param python A Python with BM3D.
 * @param noisy The picture.
 * @param noiseSigma Its noise level, of 255.
 * @returns The picture, and the seconds without Python's start.
 * @throws {Error} If Python fails, with its message.
 */
export async function bm3d(
  python: string,
  noisy: Image,
  noiseSigma: number,
): Promise<{ image: Image; seconds: number }> {
  const folder = await Deno.makeTempDir({ prefix: "bm3d-" });
  try {
    const [input, output] = [join(folder, "noisy.npy"), join(folder, "denoised.npy")];
    await Deno.writeFile(input, encodeNpy(noisy));
    const args = [SCRIPT, "--noise-sigma", String(noiseSigma), input, output];
    const { success, stdout, stderr } = await new Deno.Command(python, { args }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    if (!success) throw new Error(`${python} failed: ${text(stderr)}`);
    const { seconds } = JSON.parse(text(stdout).trim().split("\n").at(-1)!);
    return { image: decodeNpy(await Deno.readFile(output), noisy), seconds };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
