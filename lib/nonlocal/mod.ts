// Denoising by groups of similar patches.
export * from "./nl_ridge.ts";
