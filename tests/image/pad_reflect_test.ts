// padReflect(), paddingFor() and crop() against each other and against reflection in single steps.
import assert from "node:assert/strict";
import fc from "fast-check";
import { crop, paddingFor, padReflect } from "../../lib/image/mod.ts";
import { picture } from "./_fixtures.ts";

const side = fc.integer({ min: 1, max: 24 });
const kind = fc.record({ bitDepth: fc.constantFrom(8, 16), alpha: fc.boolean() });

Deno.test("crop() undoes padReflect() for every size, channel count and multiple", () => {
  const multiple = fc.constantFrom(1, 2, 3, 8, 32);
  const minimum = fc.integer({ min: 1, max: 70 });
  fc.assert(
    fc.property(
      fc.tuple(side, side),
      fc.constantFrom(1, 3),
      kind,
      multiple,
      minimum,
      ([height, width], channels, rest, multiple, minimum) => {
        const image = picture(height, width, channels, rest);
        const rows = paddingFor(height, multiple, minimum);
        const columns = paddingFor(width, multiple, minimum);
        const padded = padReflect(
          image,
          rows.before + height + rows.after,
          columns.before + width + columns.after,
        );
        assert.equal(padded.height % multiple, 0);
        assert.ok(padded.width >= minimum);
        assert.deepEqual(crop(padded, rows.before, columns.before, height, width), image);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("padReflect() reflects repeatedly between the edges", () => {
  fc.assert(
    fc.property(side, fc.nat(60), (width, added) => {
      const image = picture(1, width, 1);
      const before = Math.floor(added / 2);
      // A walker that turns round at the edges, from the middle to the left and to the right.
      const walk = (steps: number, direction: number) => {
        let at = direction < 0 ? 0 : width - 1;
        return Array.from({ length: steps }, () => {
          if (width > 1 && (at + direction < 0 || at + direction >= width)) direction = -direction;
          at = width > 1 ? at + direction : 0;
          return image.data[at]!;
        });
      };
      assert.deepEqual([...padReflect(image, 1, width + added).data], [
        ...walk(before, -1).reverse(),
        ...image.data,
        ...walk(added - before, 1),
      ]);
    }),
    { seed: 1 },
  );
});

Deno.test("padReflect() pads rows as it pads columns and alpha as the picture", () => {
  const data = Float32Array.of(0, 0.5, 1);
  const image = { height: 3, width: 1, channels: 1, data, alpha: data } as const;
  const expected = Float32Array.of(0.5, 0, 0.5, 1, 0.5, 0);
  const padded = padReflect(image, 6, 1);
  assert.deepEqual([padded.height, padded.data, padded.alpha], [6, expected, expected]);
});

Deno.test("padReflect() and crop() return new arrays even where nothing changes", () => {
  const image = picture(4, 5, 3);
  for (const same of [padReflect(image, 4, 5), crop(image, 0, 0, 4, 5)]) {
    assert.deepEqual(same, image);
    assert.notEqual(same.data, image.data);
  }
});

Deno.test("paddingFor() gives the least sum and splits it evenly", () => {
  fc.assert(
    fc.property(side, side, side, (size, multiple, minimum) => {
      const { before, after } = paddingFor(size, multiple, minimum);
      let least = size;
      while (least % multiple !== 0 || least < minimum) least++;
      assert.equal(before + size + after, least);
      assert.ok(after - before === 0 || after - before === 1);
    }),
    { seed: 1 },
  );
});

Deno.test("padReflect(), paddingFor() and crop() name the invalid argument", () => {
  const image = picture(4, 5, 1);
  assert.throws(() => padReflect(image, 3, 5), /RangeError: `height`/);
  assert.throws(() => padReflect(image, 4, 5.5), /RangeError: `width`/);
  assert.throws(() => paddingFor(5, 0), /RangeError: `multiple`/);
  assert.throws(() => paddingFor(5, 1, NaN), /RangeError: `minimum`/);
  assert.throws(() => crop(image, -1, 0, 1, 1), /RangeError: `top`/);
  assert.throws(() => crop(image, 0, 0.5, 1, 1), /RangeError: `left`/);
  assert.throws(() => crop(image, 2, 0, 3, 1), /RangeError: `height`.* 1 to 2/);
  assert.throws(() => crop(image, 0, 0, 1, 0), /RangeError: `width`/);
});
