// How much memory a run may take: what the machine has left, or a container's limit where that is less.
import process from "node:process";

/** Reads a file of the system; undefined if it is not there. */
export type ReadFile = (path: string) => string | undefined;

/** What {@linkcode availableMemory} looks at. */
export interface MemorySources {
  /** Bytes that the machine has left. */
  readonly machine: () => number;
  /** Reads the files of Linux's control groups. */
  readonly read: ReadFile;
  /** The limit of the process's own control group in bytes, where no file can be read; 0 or a large number if there is none. */
  readonly ownLimit: () => number;
  /** Bytes of memory that the process holds. */
  readonly held: () => number;
}

/** The part of it that a run may take. */
const SHARE = 0.75;

/**
 * How much memory a run may take by default: three quarters of what the machine has left, or of what is
 * left of the limit of a control group (a container, a systemd unit) that the process is in, whichever is
 * less. Where several groups are nested, each limit counts.
 *
 * @param sources Where the numbers come from. @default {this machine}
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

/** A control group with a limit of its own. */
interface Group {
  readonly limit: number;
  /** What its processes hold and the kernel cannot take back at once. */
  readonly used: number;
}

const MACHINE: MemorySources = {
  machine: () => Deno.systemMemoryInfo().available,
  read: readSystemFile,
  ownLimit: () => process.constrainedMemory(),
  held: () => Deno.memoryUsage().rss,
};

/** The files of the memory controller: their names differ between the two versions of control groups. */
const FILES = {
  cgroup: {
    limits: ["memory.limit_in_bytes"],
    use: "memory.usage_in_bytes",
    reclaimable: "total_inactive_file",
  },
  // Above `high` the kernel slows the processes down until they give memory back.
  cgroup2: {
    limits: ["memory.max", "memory.high"],
    use: "memory.current",
    reclaimable: "inactive_file",
  },
} as const;

/** The groups that the process is in, from its own to the outermost that can be seen, those that have a limit. */
function groupsOf(read: ReadFile): Group[] {
  const paths = pathsOf(read("/proc/self/cgroup") ?? "");
  return mountsOf(read("/proc/self/mountinfo") ?? "").flatMap(({ type, root, point }) => {
    const path = paths[type];
    if (path === undefined) return [];
    // In a container the mount can begin at the process's own group, or below what it can see.
    const inside = root === "/" ? path : path.startsWith(root) ? path.slice(root.length) : "";
    const names = inside.split("/").filter((name) => name !== "");
    const folders = names.map((_, i) => [point, ...names.slice(0, i + 1)].join("/"));
    return [point, ...folders].flatMap((folder) => groupAt(read, folder, type));
  });
}

function groupAt(read: ReadFile, folder: string, type: keyof typeof FILES): Group[] {
  const { limits, use, reclaimable } = FILES[type];
  // "max" and a file that is not there are no number: no limit.
  const numberIn = (name: string) => Number(read(`${folder}/${name}`)?.match(/^\d+$/m)?.[0] ?? NaN);
  const limit = Math.min(...limits.map(numberIn).filter(Number.isFinite), Infinity);
  const used = numberIn(use);
  if (limit === Infinity || Number.isNaN(used)) return [];
  // Pages of files that were not read for a while are given up first, as Kubernetes counts it.
  const cache = new RegExp(`^${reclaimable} (\\d+)$`, "m").exec(
    read(`${folder}/memory.stat`) ?? "",
  );
  return [{ limit, used: Math.max(0, used - Number(cache?.[1] ?? 0)) }];
}

/** The process's group in each hierarchy, from /proc/self/cgroup: `number:controllers:path`. */
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
  /** The group that is mounted, and where. */
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
 * Reads a file by the C library. Deno reads /proc and /sys for programs with all permissions alone; those
 * that can run the native runtime have this one.
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
    // Another C library, or no permission: what Deno says of the limit must do.
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

/** More than the longest of the files, mountinfo, has on a machine with many containers. */
const LONGEST = 1 << 20;
