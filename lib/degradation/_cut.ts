// Regions of pictures.
import { crop, type Image } from "../image/mod.ts";
import type { Region } from "./degradation.ts";

/** The part of an image that lies in a region. */
export const cutImage = (image: Image, { top, left, height, width }: Region): Image =>
  crop(image, top, left, height, width);
