// Plain data as bytes and back, exactly: JSON for its form, typed arrays as they are.

const ARRAYS = { Uint8Array, Int32Array, Float32Array, Float64Array } as const;

type ArrayName = keyof typeof ARRAYS;
type TypedArray = InstanceType<typeof ARRAYS[ArrayName]>;

/** The key of what stands in the JSON for what JSON has no word for; the data has no such key. */
const MARK = "$";

/** Arrays begin at multiples of this: the largest size of an element. */
const ALIGNMENT = 8;

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const isPlain = (value: object): boolean =>
  [Object.prototype, null].includes(Object.getPrototypeOf(value));

const arrayName = (value: object): ArrayName | undefined =>
  (Object.keys(ARRAYS) as ArrayName[]).find((name) => value.constructor === ARRAYS[name]);

/**
 * Writes plain data as bytes: numbers (any), strings, booleans, null and typed arrays, in lists and
 * objects. A typed array that is there twice is written once, and is one again when it is read; a field
 * that is undefined is left out.
 *
 * The bytes are the JSON's length (4 bytes, the lowest first), the JSON, and from the next multiple of 8
 * on the arrays.
 *
 * @param data The data.
 * @returns The bytes.
 * @throws {TypeError} If something in it is no plain data.
 *
 * @example There and back
 * ```ts
 * import { pack, unpack } from "./pack.ts";
 * import assert from "node:assert/strict";
 *
 * const data = { least: Infinity, list: [-0, NaN, null], samples: Float32Array.of(0.1, 0.2) };
 * assert.deepEqual(unpack(pack(data)), data);
 * ```
 */
export function pack(data: unknown): Uint8Array<ArrayBuffer> {
  const places = new Map<TypedArray, number>();
  let size = 0;
  const place = (array: TypedArray): number => {
    const at = places.get(array) ?? size;
    if (!places.has(array)) size = aligned(at + array.byteLength);
    places.set(array, at);
    return at;
  };
  const form = (value: unknown): unknown => {
    if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
    if (typeof value === "number") {
      if (Object.is(value, -0)) return { [MARK]: "-0" };
      return Number.isFinite(value) ? value : { [MARK]: String(value) };
    }
    if (Array.isArray(value)) return value.map(form);
    if (typeof value !== "object") throw new TypeError(`no plain data: ${String(value)}`);
    const name = arrayName(value);
    if (name) {
      const array = value as TypedArray;
      return { [MARK]: name, at: place(array), length: array.length };
    }
    if (!isPlain(value) || MARK in value) {
      throw new TypeError(`no plain data: ${Object.prototype.toString.call(value)}`);
    }
    const fields = Object.entries(value).filter(([, field]) => field !== undefined);
    return Object.fromEntries(fields.map(([key, field]) => [key, form(field)]));
  };
  const json = new TextEncoder().encode(JSON.stringify(form(data)));
  const start = aligned(4 + json.length);
  const bytes = new Uint8Array(start + size);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  for (const [{ buffer, byteOffset, byteLength }, at] of places) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), start + at);
  }
  return bytes;
}

/**
 * Reads what {@linkcode pack} wrote.
 *
 * @param bytes The bytes.
 * @returns The data; its arrays do not hold on to the bytes.
 */
export function unpack(bytes: Uint8Array): unknown {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const start = aligned(4 + length);
  const made = new Map<string, TypedArray>();
  return JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)), (_, value) => {
    const mark: string | undefined = value?.[MARK];
    if (mark === undefined) return value;
    if (!(mark in ARRAYS)) return Number(mark);
    const id = `${mark} ${value.at} ${value.length}`, again = made.get(id);
    if (again) return again;
    const array = new ARRAYS[mark as ArrayName](value.length), from = start + value.at;
    new Uint8Array(array.buffer).set(bytes.subarray(from, from + array.byteLength));
    made.set(id, array);
    return array;
  });
}
