// What a lowering is: it writes one node of the intermediate form with ONNX operators.
import type { ConvolutionPath } from "../convolutions.ts";
import type { Emitter } from "../emitter.ts";
import type { Node } from "../graph.ts";

/** Writes a node. */
export type Lowering = (emitter: Emitter, node: Node, path: ConvolutionPath) => void;
