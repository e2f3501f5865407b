// What a picture's noise is like: the model.
export * from "./model.ts";
