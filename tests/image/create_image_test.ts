// createImage() and invalid parts.
import assert from "node:assert/strict";
import { createImage } from "../../lib/image/mod.ts";

Deno.test("createImage() names the invalid part", () => {
  const parts = { height: 2, width: 3, channels: 1 } as const;
  assert.throws(() => createImage({ ...parts, height: 0 }), /RangeError: `height`/);
  assert.throws(() => createImage({ ...parts, width: -1 }), /RangeError: `width`/);
  assert.throws(() => createImage({ ...parts, width: 1.5 }), /RangeError: `width`/);
  assert.throws(() => createImage({ ...parts, height: NaN }), /RangeError: `height`/);
  assert.throws(() => createImage({ ...parts, channels: 2 as 1 }), /RangeError: `channels`/);
  assert.throws(() => createImage({ ...parts, data: new Float32Array(5) }), /2x3x1 samples: got 5/);
  assert.throws(() => createImage({ ...parts, alpha: new Float32Array(5) }), /RangeError: `alpha`/);
  assert.throws(() => createImage({ ...parts, bitDepth: 12 as 8 }), /RangeError: `bitDepth`/);
});
