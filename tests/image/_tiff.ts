// TIFF files made by hand, directory by directory, for the tests of lib/image.

/** A tag's value: bytes, or numbers of a type by its number in TIFF 6.0. */
export type Field = Uint8Array | {
  readonly type: 3 | 4 | 5 | 12;
  readonly numbers: readonly number[];
};

/** A directory: its tags, its strip, and directories below it. */
export interface Directory {
  readonly tags: Readonly<Record<number, Field>>;
  readonly strip?: Uint8Array;
  readonly below?: readonly Directory[];
}

export const short = (...numbers: number[]): Field => ({ type: 3, numbers });
export const rational = (...numbers: number[]): Field => ({ type: 5, numbers });
export const ascii = (text: string): Uint8Array => new TextEncoder().encode(`${text}\0`);

const SIZES = { 3: 2, 4: 4, 5: 4, 12: 8 } as const;

function bytesOf(field: Field): { type: number; count: number; bytes: Uint8Array } {
  if (field instanceof Uint8Array) return { type: 2, count: field.length, bytes: field };
  const { type, numbers } = field, bytes = new Uint8Array(numbers.length * SIZES[type]);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, i) => {
    if (type === 3) view.setUint16(2 * i, number, true);
    else if (type === 12) view.setFloat64(8 * i, number, true);
    else view.setUint32(4 * i, number, true);
  });
  return { type, count: type === 5 ? numbers.length / 2 : numbers.length, bytes };
}

/** A little-endian TIFF file of a chain of directories. */
export function tiff(chain: readonly Directory[]): Uint8Array<ArrayBuffer> {
  const file: number[] = [0x49, 0x49, 42, 0, 0, 0, 0, 0];
  const add = (bytes: Uint8Array) => {
    if (file.length % 2) file.push(0);
    const at = file.length;
    for (const byte of bytes) file.push(byte);
    return at;
  };
  const put = (at: number, number: number) => {
    for (let i = 0; i < 4; i++) file[at + i] = number >>> (8 * i) & 255;
  };
  /** Writes a directory; gives where it is, and where the next one's place is written. */
  const write = ({ tags, strip, below = [] }: Directory): [at: number, link: number] => {
    const fields: Record<number, Field> = { ...tags };
    if (strip) {
      fields[273] = { type: 4, numbers: [add(strip)] };
      fields[279] ??= { type: 4, numbers: [strip.length] };
    }
    if (below.length > 0) {
      fields[330] = { type: 4, numbers: below.map((one) => write(one)[0]) };
    }
    const entries = Object.entries(fields).map(([tag, field]) => {
      const { type, count, bytes } = bytesOf(field);
      const value = new Uint8Array(4);
      if (bytes.length <= 4) value.set(bytes);
      else new DataView(value.buffer).setUint32(0, add(bytes), true);
      return { tag: Number(tag), type, count, value };
    });
    const at = add(new Uint8Array(2 + 12 * entries.length + 4));
    const view = new DataView(new ArrayBuffer(2 + 12 * entries.length));
    view.setUint16(0, entries.length, true);
    entries.sort((a, b) => a.tag - b.tag).forEach(({ tag, type, count, value }, i) => {
      view.setUint16(2 + 12 * i, tag, true);
      view.setUint16(4 + 12 * i, type, true);
      view.setUint32(6 + 12 * i, count, true);
      value.forEach((byte, k) => view.setUint8(10 + 12 * i + k, byte));
    });
    new Uint8Array(view.buffer).forEach((byte, i) => file[at + i] = byte);
    return [at, at + 2 + 12 * entries.length];
  };
  let link = 4;
  for (const directory of chain) {
    const [at, next] = write(directory);
    put(link, at);
    link = next;
  }
  return Uint8Array.from(file);
}

/** A directory of uncompressed numbers. */
export function plain(
  { width, height, samples = 1, bits = 8, format = 1, photometric = samples === 3 ? 2 : 1 }: {
    width: number;
    height: number;
    samples?: number;
    bits?: number;
    /** 1 for whole numbers, 2 for those with a sign, 3 for real ones. */
    format?: number;
    photometric?: number;
  },
  strip: Uint8Array,
  more: Directory["tags"] = {},
): Directory {
  return {
    tags: {
      256: short(width),
      257: short(height),
      258: short(...Array<number>(samples).fill(bits)),
      259: short(1),
      262: short(photometric),
      277: short(samples),
      278: short(height),
      339: short(...Array<number>(samples).fill(format)),
      ...more,
    },
    strip,
  };
}
