// A small record, written by hand.
import type { RunRecord } from "../../lib/restoration/mod.ts";
import json from "./record.json" with { type: "json" };

/** Four iterations of a picture of 6x8 pixels, with everything that a record can have. */
export const record = json as unknown as RunRecord;

/** The record without a reference, snapshots and measurements. */
export const bare: RunRecord = (() => {
  const { snapshots: _, ...rest } = record;
  const { loss, misfit, milliseconds } = record.series;
  const rules = record.rules.map(({ psnr: _, lost: __, ...rule }) => rule);
  return { ...rest, rules, series: { loss, misfit, milliseconds } };
})();
