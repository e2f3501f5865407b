// Crops pictures to regions.
import { crop, type Image } from "../image/mod.ts";
import type { Region } from "./degradation.ts";

/** Crops an image to a region. */
export const cropImage = (image: Image, { top, left, height, width }: Region): Image =>
  crop(image, top, left, height, width);
