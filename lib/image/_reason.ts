// Says in a few plain words why the system refused a file.

const REASONS: Record<string, string> = {
  EACCES: "permission denied",
  EDQUOT: "the disk quota is used up",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "there is no such file or folder",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of its path is not a folder",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
};

/** The reason of a failed file operation, in one short line. */
export function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) return "permission denied";
  const { code, message } = error as { code?: string; message?: string };
  return REASONS[code ?? ""] ?? message?.replace(/ \(os error \d+\).*/, "") ?? String(error);
}
