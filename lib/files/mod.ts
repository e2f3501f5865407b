// Writing files whole or not at all, and the error of files.
export * from "./file_error.ts";
export * from "./write_file_atomic.ts";
