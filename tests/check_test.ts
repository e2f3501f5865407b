// The checks of arguments: what they accept, and their messages.
import assert from "node:assert/strict";
import {
  check,
  checkChannels,
  checkFinite,
  checkLeastSize,
  checkNotNegative,
  checkOdd,
  checkPositive,
  checkRange,
  checkSameSize,
  checkSides,
  checkWholeNumber,
} from "../lib/check.ts";

const image = { height: 4, width: 6, channels: 3 };

const REFUSED: readonly [call: () => void, message: string][] = [
  [() => check(false, "a", 2, "odd"), "`a` must be odd: got 2"],
  [() => checkWholeNumber("a", 1.5, 0), "`a` must be a whole number from 0: got 1.5"],
  [() => checkWholeNumber("a", NaN, 0), "`a` must be a whole number from 0: got NaN"],
  [() => checkWholeNumber("a", Infinity, 0), "`a` must be a whole number from 0: got Infinity"],
  [() => checkWholeNumber("a", 5, 0, 4), "`a` must be a whole number from 0 to 4: got 5"],
  [() => checkOdd("a", 4, 3), "`a` must be odd: got 4"],
  [() => checkOdd("a", 1, 3), "`a` must be a whole number from 3: got 1"],
  [() => checkPositive("a", 0), "`a` must be a finite number above 0: got 0"],
  [() => checkPositive("a", Infinity), "`a` must be a finite number above 0: got Infinity"],
  [() => checkNotNegative("a", -1), "`a` must be a finite number from 0: got -1"],
  [() => checkNotNegative("a", NaN), "`a` must be a finite number from 0: got NaN"],
  [() => checkRange("a", 1.1, 0, 1), "`a` must be a number from 0 to 1: got 1.1"],
  [() => checkRange("a", NaN, 0, 1), "`a` must be a number from 0 to 1: got NaN"],
  [() => checkFinite("a", Float32Array.of(0, NaN)), "`a` must hold finite samples"],
  [() => checkSides({ a: 1, b: 0 }), "`b` must be a whole number from 1: got 0"],
  [() => checkSameSize(image, { a: { ...image, channels: 1 } }), "`a` must be of 4x6x3: got 4x6x1"],
  [() => checkLeastSize("a", image, 5), "`a` must be at least 5x5: got 4x6"],
  [() => checkChannels("a", image, 1), "`a` must have 1 channels: got 3"],
];

for (const [call, message] of REFUSED) {
  Deno.test(`a check refuses: ${message}`, () => {
    assert.throws(call, { name: "RangeError", message });
  });
}

Deno.test("the checks accept the ends of their ranges", () => {
  check(true, "a", 2, "odd");
  checkWholeNumber("a", 0, 0, 4);
  checkWholeNumber("a", 4, 0, 4);
  checkOdd("a", 3, 3, 3);
  checkPositive("a", Number.MIN_VALUE);
  checkNotNegative("a", 0);
  checkRange("a", 0, 0, 1);
  checkRange("a", 1, 0, 1);
  checkFinite("a", Float32Array.of(-1, 2));
  checkSides({ a: 1 });
  checkSameSize(image, { a: { ...image } });
  checkLeastSize("a", image, 4);
  checkChannels("a", image, 3);
});
