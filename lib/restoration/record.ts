// The record of a run: everything that was set and measured, as plain JSON.
import type { Region } from "../degradation/mod.ts";
import { tf } from "../engine/mod.ts";
import type { NoiseModel } from "../noise/mod.ts";
import ort from "onnxruntime-node/package.json" with { type: "json" };
import type { Mixture } from "./mixture.ts";
import project from "../../deno.json" with { type: "json" };

/** The version of the record's format. */
export const RECORD_VERSION = 2;

/**
 * Why a run ended: a stopping rule, the most iterations allowed, the caller, a loss that kept diverging,
 * or an error of the native step.
 */
export type StopReason = "rule" | "iterations" | "aborted" | "diverged" | "failed";

/** A number that may not be finite: JSON has no such numbers, so it is null. */
export type JsonNumber = number | null;

/** An unusual event in a run. */
export interface RecordEvent {
  /** The iteration, from 1. */
  readonly iteration: number;
  readonly kind: "divergence" | "failure" | "checkpoint";
  readonly message: string;
}

/**
 * The error decomposition of the output, one list for each ring, lowest first; each as long as the run, in units of
 * the MSE.
 */
export interface ErrorSeries {
  readonly signal: JsonNumber[][];
  readonly noise: JsonNumber[][];
  readonly cross: JsonNumber[][];
  readonly remainder: JsonNumber[][];
}

/** The numbers of every iteration, each list as long as the run. */
export interface Series {
  readonly loss: JsonNumber[];
  /** The data term: mean squared difference between output and observed picture. */
  readonly misfit: JsonNumber[];
  /** Milliseconds of the native step. */
  readonly milliseconds: number[];
  /** With a risk estimate: the network's divergence per sample, which is the noise's gain in the output. */
  readonly divergence?: JsonNumber[];
  /** The Lipschitz bound λ, if it was adapted. */
  readonly lambda?: JsonNumber[];
  /** The data term of the averaged outputs over the held-out pixels, if a rule asked for some. */
  readonly heldOut?: JsonNumber[];
  /** With a reference: PSNR of the output, in dB. */
  readonly psnr?: JsonNumber[];
  /** With a reference: PSNR of the averaged outputs, in dB. */
  readonly averagePsnr?: JsonNumber[];
  /** Band correspondence H with the observed picture, one list for each band, lowest first. */
  readonly bands?: JsonNumber[][];
  /**
   * Phase-aware gain of the same bands, one list for each band: the regression slope of the output's band on the
   * observed one.
   */
  readonly bandGain?: JsonNumber[][];
  /** The part of each band's power in the output that is the observed band times its gain, from 0 to 1. */
  readonly bandCoherence?: JsonNumber[][];
  /** Blurriness of the output's luminance, 0 (sharp) to 1. */
  readonly blurriness?: JsonNumber[];
  /** Sharpness of the output's luminance. */
  readonly sharpness?: JsonNumber[];
  /** With a reference. */
  readonly account?: ErrorSeries;
}

/** The record of one stopping rule. */
export interface RuleRecord {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The iteration at which the rule stopped; null if it did not. */
  readonly stop: number | null;
  /** The iteration whose picture the rule would return. */
  readonly best: number | null;
  /** The rule's criterion at every iteration until it stopped. */
  readonly values: JsonNumber[];
  /** With a reference: PSNR of the picture it would return, in dB. */
  readonly psnr?: JsonNumber;
  /** With a reference: the PSNR by which the best picture of the run exceeds that picture, in dB. */
  readonly lost?: JsonNumber;
}

/** Spectral norms of the convolutions' kernels during the run. */
export interface SpectralNorms {
  readonly layers: string[];
  /** The iterations at which they were measured; 0 is before the first one. */
  readonly iterations: number[];
  /** One list for each layer. */
  readonly kernel: JsonNumber[][];
  /** The same after Lipschitz control. */
  readonly controlled: JsonNumber[][];
}

/** Pictures of a run at iterations that grow by a factor: PNG data URLs of at most 256 pixels a side. */
export interface Snapshots {
  readonly observed: string;
  /** With a reference. */
  readonly reference?: string;
  /** The picture that the run returned. */
  readonly result: string;
  /** Log power spectra of the luminance, frequency zero in the middle. */
  readonly observedSpectrum: string;
  readonly referenceSpectrum?: string;
  /** The values shown black and white in a spectrum: log10 of |F|² / pixels. */
  readonly spectrumRange: { readonly low: number; readonly high: number };
  /** The rings of `correspondence`, in cycles per pixel. */
  readonly frequencies: number[];
  readonly steps: {
    readonly iteration: number;
    readonly output: string;
    readonly spectrum: string;
    /** Spectrum of output - reference. */
    readonly errorSpectrum?: string;
    /** H with the observed picture, ring by ring. */
    readonly correspondence: JsonNumber[];
  }[];
}

/** The tiles of a large picture. */
export interface Tiles {
  readonly overlap: number;
  readonly regions: readonly (Region & { readonly stop: RunRecord["stop"] })[];
}

/** The settings, measurements and result of a run. */
export interface RunRecord {
  readonly version: typeof RECORD_VERSION;
  readonly task: string;
  /** The parameters of the degradation, such as the factor of a downsampling. */
  readonly degradation?: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** The restored picture. */
  readonly picture: { height: number; width: number; channels: number };
  readonly settings: {
    readonly network: Readonly<Record<string, unknown>>;
    readonly objective: string;
    /** For a guided run. */
    readonly quality?: string;
    /** Standard deviation of the noise that was assumed, in [0, 1], and where it came from. */
    readonly noiseSigma: { value: number; from: "given" | "estimated" } | null;
    /** The noise that was assumed, if it is not white; `noiseSigma` is then its root mean variance. */
    readonly noise?: NoiseModel;
    readonly iterations: number;
    readonly learningRate: number;
    /** Iterations over which the step size grew to its value. */
    readonly warmUp: number;
    /** With mse; `start` is the problem's initial estimate. */
    readonly input?: "random" | "start";
    readonly inputNoise: number;
    readonly averaging: number;
    readonly decision: string;
    readonly threads: number;
    readonly device: string;
  };
  readonly versions: {
    readonly project: string;
    readonly deno: string;
    readonly tfjs: string;
    readonly onnxruntime: string;
  };
  /** For a run that trained a network. */
  readonly engine?: {
    readonly convolutions: string;
    readonly compileMilliseconds: number;
    /** Estimated resident memory, in bytes. */
    readonly memory: number;
  };
  /** For a guided run. */
  readonly guide?: {
    /** The seconds that the initial estimate took. */
    readonly seconds: number;
    /** Recorrupted copies on which the network was trained; 0 if no network was trained. */
    readonly draws: number;
    /** The weights of the result's parts, unless the run was ended early. */
    readonly mixture?: Mixture;
  };
  readonly series: Series;
  readonly spectralNorms: SpectralNorms;
  /** If snapshots were asked for. */
  readonly snapshots?: Snapshots;
  /** If the picture was restored in tiles; the series are then means over the tiles. */
  readonly tiles?: Tiles;
  readonly rules: RuleRecord[];
  readonly events: RecordEvent[];
  readonly stop: {
    readonly reason: StopReason;
    /** Iterations done. */
    readonly iteration: number;
    /** The iteration whose picture is the result; 0 if there was none. */
    readonly best: number;
    /** The rule that chose this iteration. */
    readonly rule: string;
  };
  /** Wall time of the run with its preparation, in seconds. */
  readonly seconds: number;
}

/** The versions of this program and of the libraries that compute. */
export function softwareVersions(): RunRecord["versions"] {
  return {
    project: project.version,
    deno: Deno.version.deno,
    tfjs: tf.version["tfjs"],
    onnxruntime: ort.version,
  };
}

/** The number, or null if it is not finite. */
export const jsonNumber = (value: number): JsonNumber => Number.isFinite(value) ? value : null;

/** The number rounded to seven digits, or null if it is not finite. */
export const roundedJsonNumber = (value: number): JsonNumber =>
  jsonNumber(Number(value.toPrecision(7)));
