// A report's section about a picture measured against another.
import {
  effectiveBandwidth,
  fourierRingCorrelation,
  logPower,
  type Spectrum,
  spectrumOf,
  spectrumPicture,
} from "../spectrum/mod.ts";
import type { Finite } from "../restoration/mod.ts";
import { measurementCharts } from "./_report_charts.ts";
import { qualityOf, tilesOf } from "./_report_numbers.ts";
import { divided, pictureUrl } from "./_report_pictures.ts";
import { tableOf } from "./_report_table.ts";
import type { ReportMeasurement } from "./report.ts";

/** As in a run's snapshots: from below the rounding of 8 bits to a bright picture's mean. */
const RANGE = { low: -6, high: 3 } as const;

const digits = (value: Finite) => value === null ? "" : value.toFixed(3);

/** The section as HTML. */
export async function measurementOf(measurement: ReportMeasurement): Promise<string> {
  const { output, target, reference, bands, channels, account, window = "none" } = measurement;
  const spectra = {
    output: spectrumOf(output, { window }),
    target: spectrumOf(target, { window }),
    ...reference ? { reference: spectrumOf(reference, { window }) } : {},
  };
  const picture = async ([name, spectrum]: [string, Spectrum]) =>
    [name, await pictureUrl(spectrumPicture(logPower(spectrum), RANGE))] as const;
  const { halfBit } = fourierRingCorrelation(spectra.output, spectra.target).resolution;
  const width = effectiveBandwidth(spectra.output);
  const tiles = tilesOf([
    ...reference ? qualityOf(reference, output, target) : [],
    [
      "Agreement",
      halfBit === null ? "all" : halfBit.toFixed(3),
      `${halfBit === null ? "frequencies" : "cycles/pixel and below"}, by the half-bit threshold`,
    ],
    [
      "Bandwidth",
      width.toFixed(3),
      `cycles/pixel hold 95 % of the power; the target's ${
        effectiveBandwidth(spectra.target).toFixed(3)
      }`,
    ],
  ]);
  const table = tableOf({
    header: [
      ...channels.length > 1 ? ["Channel"] : [],
      ...["Band", `Range, ${bands.unit}`, "H", "Gain", "Coherence"],
    ],
    rows: channels.flatMap(({ name, correspondence, gain, coherence }) =>
      bands.ranges.map((range, i) => [
        ...channels.length > 1 ? [name] : [],
        ...[`${i + 1}`, range],
        ...[correspondence, gain, coherence].map((values) => digits(values[i]!)),
      ])
    ),
  });
  const charts = measurementCharts({
    channels,
    ...account ? { account } : {},
    spectra,
    pictures: await Promise.all(Object.entries(spectra).map(picture)),
    range: RANGE,
  });
  const pictures = divided(
    ["target", await pictureUrl(target)],
    ["output", await pictureUrl(output)],
  );
  return `<section>\n${pictures}\n${tiles}\n${table}\n${charts}\n</section>`;
}
