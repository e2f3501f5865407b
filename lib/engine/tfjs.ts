// tfjs as this project uses it: quiet, on the cpu backend until a step is compiled, its wrong gradients put right.
import * as tf from "@tensorflow/tfjs";
import "./gradients.ts";

tf.enableProdMode();
await tf.setBackend("cpu");

export { tf };
