// tfjs as this project uses it: without log messages, on the cpu backend until a step is compiled, with corrected
// gradients.
import * as tf from "@tensorflow/tfjs";
import "./gradients.ts";

tf.enableProdMode();
await tf.setBackend("cpu");

export { tf };
