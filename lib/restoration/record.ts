// The record of a run: everything that was set and measured, as plain JSON.
import { tf } from "../engine/mod.ts";
import ort from "onnxruntime-node/package.json" with { type: "json" };
import project from "../../deno.json" with { type: "json" };

/** The version of the record's format. */
export const RECORD_VERSION = 1;

/** Why a run ended. */
export type StopReason = "iterations" | "aborted" | "diverged";

/** Something out of the ordinary in a run. */
export interface RecordEvent {
  /** The iteration, from 1. */
  readonly iteration: number;
  readonly kind: "divergence";
  readonly message: string;
}

/** The numbers of every iteration, each list as long as the run. Numbers that are not finite are null. */
export interface Series {
  readonly loss: (number | null)[];
  /** The data term: mean squared difference between output and observed picture. */
  readonly misfit: (number | null)[];
  /** Milliseconds of the native step. */
  readonly milliseconds: number[];
  /** With a reference: PSNR of the output, in dB. */
  readonly psnr?: (number | null)[];
  /** With a reference: PSNR of the averaged outputs, in dB. */
  readonly averagePsnr?: (number | null)[];
}

/** Everything about a run. */
export interface RunRecord {
  readonly version: typeof RECORD_VERSION;
  readonly task: string;
  readonly seed: number;
  readonly picture: { height: number; width: number; channels: number };
  readonly settings: {
    readonly network: Readonly<Record<string, unknown>>;
    readonly objective: string;
    /** Standard deviation of the noise that was assumed, in [0, 1], and where it came from. */
    readonly noiseSigma: { value: number; from: "given" | "estimated" } | null;
    readonly iterations: number;
    readonly learningRate: number;
    /** Iterations over which the step size grew to its value. */
    readonly warmUp: number;
    readonly inputNoise: number;
    readonly averaging: number;
    readonly threads: number;
    readonly device: string;
  };
  readonly versions: {
    readonly project: string;
    readonly deno: string;
    readonly tfjs: string;
    readonly onnxruntime: string;
  };
  readonly engine: {
    readonly convolutions: string;
    readonly compileMilliseconds: number;
    /** Estimated resident memory, in bytes. */
    readonly memory: number;
  };
  readonly series: Series;
  readonly events: RecordEvent[];
  readonly stop: { reason: StopReason; iteration: number };
  /** Wall time of the run, in seconds, with its set-up. */
  readonly seconds: number;
}

/** The versions of what a run is computed with. */
export function versions(): RunRecord["versions"] {
  return {
    project: project.version,
    deno: Deno.version.deno,
    tfjs: tf.version["tfjs"],
    onnxruntime: ort.version,
  };
}

/** A number as JSON can hold it. */
export const finite = (value: number): number | null => Number.isFinite(value) ? value : null;
