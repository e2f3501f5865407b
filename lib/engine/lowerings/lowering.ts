// What a lowering is: it writes one node of the intermediate form with ONNX operators.
import type { Emitter } from "../emitter.ts";
import type { Node } from "../graph.ts";

/** How 3x3 convolutions are computed: directly, or by Winograd's transform with or without keeping the input's transform for the gradient. */
export type ConvolutionPath = "winograd" | "winograd-recompute" | "direct";

/** Writes a node. */
export type Lowering = (emitter: Emitter, node: Node, path: ConvolutionPath) => void;
