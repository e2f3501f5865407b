// Damage to files: truncated, bits flipped, parts removed, duplicated, or mixed with another file's.
import fc from "fast-check";

/** What is done to a file's bytes. */
export type Damage = (bytes: Uint8Array) => Uint8Array;

const at = (part: number, length: number) => Math.floor(part * length);
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Anywhere in a file; headers, which are short, as often as all the rest. */
const place = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  fc.double({ min: 0, max: 0.1, noNaN: true }),
);

const cut = place.map((end): Damage => (bytes) => bytes.slice(0, at(end, bytes.length)));

const turned = fc.array(fc.tuple(place, fc.nat(7)), { minLength: 1, maxLength: 12 })
  .map((bits): Damage => (bytes) => {
    const damaged = bytes.slice();
    for (const [where, bit] of bits) damaged[at(where, bytes.length)]! ^= 1 << bit;
    return damaged;
  });

const overwritten = fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 40 }))
  .map(([where, by]): Damage => (bytes) => {
    const damaged = bytes.slice(), begin = at(where, bytes.length);
    damaged.set(by.subarray(0, bytes.length - begin), begin);
    return damaged;
  });

const lost = fc.tuple(place, place).map(([a, b]): Damage => (bytes) => {
  const [from, to] = [Math.min(a, b), Math.max(a, b)].map((part) => at(part, bytes.length));
  return joined(bytes.subarray(0, from), bytes.subarray(to!));
});

const doubled = fc.tuple(place, place).map(([a, b]): Damage => (bytes) => {
  const [from, to] = [Math.min(a, b), Math.max(a, b)].map((part) => at(part, bytes.length));
  return joined(bytes.subarray(0, to!), bytes.subarray(from));
});

/** Damage of any kind; `others` are the files that parts come from. */
export const damages = (others: readonly Uint8Array[]): fc.Arbitrary<Damage> => {
  const mixed = fc.tuple(place, place, fc.nat(others.length - 1))
    .map(([end, begin, which]): Damage => (bytes) => {
      const other = others[which]!;
      return joined(
        bytes.subarray(0, at(end, bytes.length)),
        other.subarray(at(begin, other.length)),
      );
    });
  return fc.oneof(cut, turned, overwritten, lost, doubled, mixed);
};
