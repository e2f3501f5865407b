// spectrumOf() and spectraOf(): the planes that they transform, and the windows.
import assert from "node:assert/strict";
import { createImage, luminance } from "../../lib/image/mod.ts";
import {
  effectiveBandwidth,
  fourier,
  inverseFourier,
  spectraOf,
  spectrumOf,
} from "../../lib/spectrum/mod.ts";
import { close, mean, randomImage } from "./_planes.ts";

Deno.test("spectrumOf() transforms the luminance, spectraOf() each channel", () => {
  for (const channels of [1, 3] as const) {
    const image = randomImage(9, 14, channels, 1);
    assert.deepEqual(spectrumOf(image), fourier(luminance(image).data, 9, 14));
    const spectra = spectraOf(image);
    assert.equal(spectra.length, channels);
    spectra.forEach((spectrum, c) => {
      const plane = image.data.filter((_, i) => i % channels === c);
      assert.deepEqual(spectrum, fourier(plane, 9, 14));
    });
  }
});

/** The windows by their formulas: t from 0 at one edge to 1 at the other. */
const WINDOWS = {
  hann: (t: number) => 0.5 - 0.5 * Math.cos(2 * Math.PI * t),
  tukey: (t: number) => Math.abs(t - 0.5) < 3 / 8 ? 1 : 0.5 - 0.5 * Math.cos(8 * Math.PI * t),
};

for (const [window, weight] of Object.entries(WINDOWS)) {
  Deno.test(`the window "${window}" fades the picture out to its mean`, () => {
    const [height, width] = [21, 40], image = randomImage(height, width, 1, 1);
    const level = mean(image.data);
    const expected = Array.from(image.data, (value, i) => {
      const y = (Math.floor(i / width) + 0.5) / height, x = (i % width + 0.5) / width;
      return level + weight(y) * weight(x) * (value - level);
    });
    const options = { window: window as keyof typeof WINDOWS };
    close(inverseFourier(spectrumOf(image, options)), expected, 1e-12);
    close(inverseFourier(spectraOf(image, options)[0]!), expected, 1e-12);
  });

  Deno.test(`the window "${window}" takes away the jump from edge to edge`, () => {
    const [height, width] = [48, 64];
    const data = Float32Array.from({ length: height * width }, (_, i) => (i % width) / width);
    const ramp = createImage({ height, width, channels: 1, data });
    const reach = (options?: { window: keyof typeof WINDOWS }) =>
      effectiveBandwidth(spectrumOf(ramp, options), 0.99);
    assert.ok(reach({ window: window as keyof typeof WINDOWS }) < reach() / 2);
  });
}
