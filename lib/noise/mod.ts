// What a picture's noise is like: the model, and its estimate from one picture.
export * from "./estimate_noise.ts";
export * from "./estimate_white_noise.ts";
export * from "./measures.ts";
export * from "./model.ts";
