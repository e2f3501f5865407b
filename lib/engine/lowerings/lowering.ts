// What a lowering is: it writes one node of the intermediate form with ONNX operators.
import type { Emitter } from "../emitter.ts";
import type { Node } from "../graph.ts";

/** How 3x3 convolutions are computed: by Winograd's transform where it pays, or all directly, in less memory. */
export type ConvolutionPath = "winograd" | "direct";

/** Writes a node. */
export type Lowering = (emitter: Emitter, node: Node, path: ConvolutionPath) => void;
