// ONNX Runtime 1.29 and later report every session to Microsoft; this must be imported before it.

// Read by the native code, from the process's own environment, when it starts.
Deno.env.set("ORT_DISABLE_TELEMETRY", "1");
