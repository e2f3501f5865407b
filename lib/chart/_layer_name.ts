// What layers of this library's networks are called in words.

/** The parts of a layer's name within its scale. */
const PARTS: Readonly<Record<string, string>> = {
  "1": "first convolution",
  "2": "second convolution",
  conv: "convolution",
  down1: "first convolution down",
  down2: "second convolution down",
  skip: "skip connection",
  up: "upsampling",
  up1: "first convolution up",
  up2: "second convolution up",
  out: "last convolution",
};

/** A layer's name in words, and the group that it is drawn with. */
export interface LayerName {
  readonly name: string;
  readonly group: string;
}

/** The most groups that have a colour each: more cannot be told apart. */
const MOST = 8;

/**
 * Names layers in words, and groups them.
 *
 * @param layers The layers' own names in their order, such as `scale1_down2_conv`.
 * @returns The name of each, and its group: the scale where names are known and there are at most eight, else
 * a stretch of the list.
 */
export function layerNames(layers: readonly string[]): LayerName[] {
  const named = layers.map(nameOf);
  if (new Set(named.map(({ group }) => group)).size <= MOST) return named;
  const length = Math.ceil(layers.length / MOST);
  return named.map(({ name }, i) => {
    const first = i - i % length, last = Math.min(first + length, layers.length);
    return { name, group: `layers ${first + 1} to ${last}` };
  });
}

function nameOf(layer: string): LayerName {
  if (layer === "out_conv") return { name: PARTS["out"]!, group: PARTS["out"]! };
  const match = /^(scale|stage|layer)(\d+)(?:_(\w+?))??(?:_conv)?$/.exec(layer);
  const part = match && PARTS[match[3] ?? "conv"];
  if (!match || !part) return { name: layer, group: layer };
  const group = `${match[1]} ${match[2]}`;
  return { name: `${group}, ${part}`, group };
}
