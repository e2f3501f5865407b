// The rings against their definitions on the whole spectrum.
import assert from "node:assert/strict";
import fc from "fast-check";
import { fineRings, isotropicRings, paperRings, type Rings } from "../../lib/spectrum/mod.ts";
import { close, periods } from "./_planes.ts";

/** Checks rings against the ring of each coefficient of the whole spectrum. */
function checkRings(rings: Rings, ringOf: (u: number, v: number) => number): void {
  const { height, width, columns } = rings;
  const sizes = rings.sizes.map(() => 0), sums = rings.sizes.map(() => 0);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = periods(x, width), v = periods(y, height), ring = ringOf(u, v);
      if (x < columns) assert.equal(rings.of[y * columns + x], ring, `row ${y}, column ${x}`);
      if (ring < 0) continue;
      sizes[ring]!++;
      sums[ring]! += Math.sqrt((u / width) ** 2 + (v / height) ** 2);
    }
  }
  assert.deepEqual(rings.sizes, sizes);
  close(rings.frequencies, sums.map((sum, ring) => sum / Math.max(sizes[ring]!, 1)), 1e-12);
}

const side = fc.integer({ min: 1, max: 40 });
const check = (property: (height: number, width: number, count: number) => void) =>
  fc.assert(fc.property(side, side, fc.integer({ min: 1, max: 9 }), property), {
    numRuns: 100,
    seed: 1,
  });

// Counted with the paper's code: the sizes of the rings, and how many coefficients are in none.
for (
  const [height, width, sizes, left] of [
    [256, 256, [2061, 6184, 10268, 14424, 18494], 14105],
    [512, 512, [8245, 24692, 41204, 57612, 74106], 56285],
    [512, 768, [18513, 55628, 92628, 106123, 88827], 31497],
  ] as const
) {
  Deno.test(`paperRings() has the sizes of the paper's code on ${height}x${width}`, () => {
    const rings = paperRings(height, width);
    const covered = rings.sizes.reduce((sum, size) => sum + size);
    assert.deepEqual(rings.sizes, sizes);
    assert.equal(height * width - covered, left);
    assert.deepEqual([rings.mode, rings.radii], ["paper", [0.2, 0.4, 0.6, 0.8, 1]]);
  });
}

Deno.test("paperRings() are discs of parts of half the width, each without the one before", () => {
  check((height, width, count) =>
    checkRings(paperRings(height, width, count), (u, v) => {
      // d <= half * (ring + 1) / count, squared, in whole numbers.
      const half = Math.floor(width / 2), squared = (u * u + v * v) * count ** 2;
      for (let ring = 0; ring < count; ring++) {
        if (squared <= (half * (ring + 1)) ** 2) return ring;
      }
      return -1;
    })
  );
});

Deno.test("isotropicRings() are of equal width in cycles per pixel, corners in the last", () => {
  check((height, width, count) =>
    checkRings(isotropicRings(height, width, count), (u, v) => {
      // f <= 0.5 (ring + 1) / count, squared and times (2 count height width)^2.
      const squared = 4 * count ** 2 * ((u * height) ** 2 + (v * width) ** 2);
      for (let ring = 0; ring < count; ring++) {
        if (squared <= ((ring + 1) * height * width) ** 2) return ring;
      }
      return count - 1;
    })
  );
});

Deno.test("isotropicRings() cover every coefficient and turn with the picture", () => {
  check((height, width, count) => {
    const { sizes, radii, mode } = isotropicRings(height, width, count);
    assert.equal(sizes.reduce((sum, size) => sum + size), height * width);
    assert.deepEqual(sizes, isotropicRings(width, height, count).sizes);
    close(radii, Array.from({ length: count }, (_, i) => (i + 1) / (2 * count)), 1e-15);
    assert.equal(mode, "isotropic");
  });
});

Deno.test("the rings refuse sizes and counts that are no positive whole numbers", () => {
  for (const rings of [paperRings, isotropicRings]) {
    assert.throws(() => rings(0, 4), /RangeError: `height`.*got 0/);
    assert.throws(() => rings(4, 2.5), /RangeError: `width`.*got 2.5/);
    assert.throws(() => rings(4, 4, 0), /RangeError: `count`.*got 0/);
    assert.throws(() => rings(4, 4, 40000), /RangeError: `count`.*got 40000/);
  }
});

Deno.test("fineRings() are around whole periods of the shorter side", () => {
  check((height, width) => {
    const side = Math.min(height, width) === 1 ? Math.max(height, width) : Math.min(height, width);
    const rings = fineRings(height, width);
    assert.equal(rings.sizes.length, Math.floor(side / 2) + 1);
    checkRings(rings, (u, v) => {
      // |side f - ring| <= 1/2, squared and times (2 height width)^2.
      const squared = (2 * side) ** 2 * ((u * height) ** 2 + (v * width) ** 2);
      const edge = (ring: number) => ((2 * ring + 1) * height * width) ** 2;
      return rings.radii.findIndex((_, q) => squared < edge(q));
    });
    rings.radii.forEach((radius, q) => assert.ok(Math.abs(radius - (q + 0.5) / side) < 1e-15));
  });
});
