// ONNX Runtime 1.29 and later reports every session to Microsoft; this module must be imported before it.

// The native code reads this variable from the process's environment when it is loaded.
Deno.env.set("ORT_DISABLE_TELEMETRY", "1");
