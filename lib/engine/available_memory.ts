// The memory that a run may take: the free memory of the machine, or less if a container has a limit.
import process from "node:process";

/** Reads a system file; undefined if it does not exist. */
export type ReadFile = (path: string) => string | undefined;

/** The sources of {@linkcode availableMemory}. */
export interface MemorySources {
  /** The free memory of the machine, in bytes. */
  readonly machine: () => number;
  /** Reads the files of Linux's control groups. */
  readonly read: ReadFile;
  /**
   * The limit of the process's own control group in bytes, for when no file can be read; 0 or a large number if there
   * is none.
   */
  readonly ownLimit: () => number;
  /** The memory of the process, in bytes. */
  readonly held: () => number;
}

/** The part of the free memory that a run may take. */
const SHARE = 0.75;

/**
 * The memory that a run may take by default: three quarters of the machine's free memory, or of what is left of the
 * limit of a control group (a container, a systemd unit) that contains the process, whichever is less. All limits of
 * nested groups count.
 *
 * @param sources The sources of the numbers.
 * @default {this machine}
 * @returns Bytes.
 *
 * @example
 * ```ts
 * import { availableMemory } from "./mod.ts";
 * import assert from "node:assert/strict";
 * const { available } = Deno.systemMemoryInfo();
 * assert.ok(availableMemory() > 0 && availableMemory() < 2 * available);
 * ```
 */
export function availableMemory(sources: MemorySources = MACHINE): number {
  const { machine, read, ownLimit, held } = sources;
  const groups = groupsOf(read);
  const rooms = groups.map(({ limit, used }) => limit - used);
  const limit = groups.length > 0 ? Infinity : ownLimit() || Infinity;
  return SHARE * Math.max(0, Math.min(machine(), ...rooms, limit - held()));
}

/** A control group with a limit. */
interface Group {
  readonly limit: number;
  /** The memory of its processes that the kernel cannot reclaim at once. */
  readonly used: number;
}

const MACHINE: MemorySources = {
  machine: () => Deno.systemMemoryInfo().available,
  read: readSystemFile,
  ownLimit: () => process.constrainedMemory(),
  held: () => Deno.memoryUsage().rss,
};

/** The files of the memory controller, whose names differ between versions 1 and 2 of control groups. */
const FILES = {
  cgroup: {
    limits: ["memory.limit_in_bytes"],
    use: "memory.usage_in_bytes",
    reclaimable: "total_inactive_file",
  },
  // Above `high` the kernel throttles the processes until they free memory.
  cgroup2: {
    limits: ["memory.max", "memory.high"],
    use: "memory.current",
    reclaimable: "inactive_file",
  },
} as const;

/** The groups with a limit that contain the process, from its own to the outermost visible one. */
function groupsOf(read: ReadFile): Group[] {
  const paths = pathsOf(read("/proc/self/cgroup") ?? "");
  return mountsOf(read("/proc/self/mountinfo") ?? "").flatMap(({ type, root, point }) => {
    const path = paths[type];
    if (path === undefined) return [];
    // In a container, the mount may begin at the process's own group, or below what is visible.
    const inside = root === "/" ? path : path.startsWith(root) ? path.slice(root.length) : "";
    const names = inside.split("/").filter((name) => name !== "");
    const folders = names.map((_, i) => [point, ...names.slice(0, i + 1)].join("/"));
    return [point, ...folders].flatMap((folder) => groupAt(read, folder, type));
  });
}

function groupAt(read: ReadFile, folder: string, type: keyof typeof FILES): Group[] {
  const { limits, use, reclaimable } = FILES[type];
  // "max" and a missing file give NaN, which means no limit.
  const numberIn = (name: string) => Number(read(`${folder}/${name}`)?.match(/^\d+$/m)?.[0] ?? NaN);
  const limit = Math.min(...limits.map(numberIn).filter(Number.isFinite), Infinity);
  const used = numberIn(use);
  if (limit === Infinity || Number.isNaN(used)) return [];
  // Inactive file pages are reclaimed first, so they do not count; Kubernetes counts likewise.
  const cache = new RegExp(`^${reclaimable} (\\d+)$`, "m").exec(
    read(`${folder}/memory.stat`) ?? "",
  );
  return [{ limit, used: Math.max(0, used - Number(cache?.[1] ?? 0)) }];
}

/** The process's group in each hierarchy, from lines `number:controllers:path` of /proc/self/cgroup. */
function pathsOf(text: string): { cgroup?: string; cgroup2?: string } {
  const paths: { cgroup?: string; cgroup2?: string } = {};
  for (const [, controllers, path] of text.matchAll(/^\d+:([^:\n]*):(.*)$/gm)) {
    if (controllers === "") paths.cgroup2 = path!;
    else if (controllers!.split(",").includes("memory")) paths.cgroup = path!;
  }
  return paths;
}

interface Mount {
  readonly type: keyof typeof FILES;
  /** The mounted group, and the mount point. */
  readonly root: string;
  readonly point: string;
}

/** Where the hierarchies with memory are mounted, from /proc/self/mountinfo (`man 5 proc`). */
function mountsOf(text: string): Mount[] {
  return text.split("\n").flatMap((line): Mount[] => {
    const [place, kind] = line.split(" - ").map((part) => part.split(" "));
    const [type, , options] = kind ?? [];
    const isOne = type === "cgroup2" || type === "cgroup" && options!.split(",").includes("memory");
    return isOne ? [{ type, root: place![3]!, point: place![4]! }] : [];
  });
}

/**
 * Reads a file through the C library. Deno lets only programs with all permissions read /proc and /sys; a program
 * that can load the native runtime may call the C library.
 */
function readSystemFile(path: string): string | undefined {
  if (Deno.build.os !== "linux") return undefined;
  let libc;
  try {
    libc = Deno.dlopen("libc.so.6", {
      fopen: { parameters: ["buffer", "buffer"], result: "pointer" },
      fread: { parameters: ["buffer", "usize", "usize", "pointer"], result: "usize" },
      fclose: { parameters: ["pointer"], result: "i32" },
    });
  } catch {
    // With another C library, or without permission, Deno's own number of the limit is used.
    return undefined;
  }
  try {
    const { fopen, fread, fclose } = libc.symbols;
    const text = (value: string) => new TextEncoder().encode(`${value}\0`);
    const file = fopen(text(path), text("r"));
    if (file === null) return undefined;
    const content = new Uint8Array(LONGEST);
    const length = fread(content, 1n, BigInt(LONGEST), file);
    fclose(file);
    return new TextDecoder().decode(content.subarray(0, Number(length)));
  } finally {
    libc.close();
  }
}

/** An upper bound of the size of these files: mountinfo is the longest, on a machine with many containers. */
const LONGEST = 1 << 20;
