// The memory available to a run: limits of control groups in simulated file systems.
import assert from "node:assert/strict";
import { availableMemory } from "../../lib/engine/available_memory.ts";

const GB = 1e9, UNLIMITED = 9223372036854771712;

/** The files of version 2 of control groups in a folder. */
const v2 = (
  folder: string,
  max: number | "max",
  current: number,
  more: Record<string, string> = {},
) => ({
  [`${folder}/memory.max`]: `${max}\n`,
  [`${folder}/memory.current`]: `${current}\n`,
  ...Object.fromEntries(Object.entries(more).map(([name, text]) => [`${folder}/${name}`, text])),
});

/** Those of version 1. */
const v1 = (folder: string, limit: number, usage: number, cache = 0) => ({
  [`${folder}/memory.limit_in_bytes`]: `${limit}\n`,
  [`${folder}/memory.usage_in_bytes`]: `${usage}\n`,
  [`${folder}/memory.stat`]: `cache ${cache}\ninactive_file 1\ntotal_inactive_file ${cache}\n`,
});

const V2_MOUNT = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate";
const V1_MOUNT = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory";
const OTHERS =
  "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu";

/** Bytes available with 24 GB free on the machine. */
function available(
  files: Record<string, string>,
  { machine = 24 * GB, ownLimit = 0, held = 0 } = {},
): number {
  return availableMemory({
    machine: () => machine,
    read: (path) => files[path],
    ownLimit: () => ownLimit,
    held: () => held,
  });
}

/** The files that say where a process is. */
const process = (group: string, ...mounts: string[]) => ({
  "/proc/self/cgroup": `${group}\n`,
  "/proc/self/mountinfo": `${[OTHERS, ...mounts].join("\n")}\n`,
});

const close = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1, `${actual}, not ${expected}`);

Deno.test("without control groups it is three quarters of the machine's free memory", () => {
  close(available({}), 18 * GB);
  close(available(process("0::/user.slice", V2_MOUNT)), 18 * GB);
  close(available({}, { machine: 0 }), 0);
});

Deno.test("a container's limit counts, less the used memory that cannot be reclaimed: version 2", () => {
  const files = {
    ...process("0::/", V2_MOUNT),
    ...v2("/sys/fs/cgroup", 0.4 * GB, 0.15 * GB, {
      "memory.stat": `anon 1\nfile ${0.09 * GB}\ninactive_file ${0.05 * GB}\nactive_file 7\n`,
      "memory.high": "max\n",
    }),
  };
  close(available(files), 0.75 * 0.3 * GB);
  // The machine can have less than the container may take.
  close(available(files, { machine: 0.2 * GB }), 0.75 * 0.2 * GB);
});

Deno.test("a container's limit counts: version 1", () => {
  const inside = v1("/sys/fs/cgroup/memory", 0.4 * GB, 0.2 * GB, 0.1 * GB);
  // Without a namespace of its own the process sees its path on the host, but only its own group is mounted.
  const bound =
    "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory";
  close(available({ ...process("4:memory:/docker/abc", bound), ...inside }), 0.75 * 0.3 * GB);
  close(
    available({ ...process("9:cpu,cpuacct:/x\n4:memory,hugetlb:/\n0::/", V1_MOUNT), ...inside }),
    0.75 * 0.3 * GB,
  );
});

Deno.test("of nested groups the one with the least left counts", () => {
  const root = "/sys/fs/cgroup";
  const nested = (outer: number | "max", middle: number | "max", inner: number | "max") => ({
    ...process("0::/kubepods/pod1/c1", V2_MOUNT),
    ...v2(`${root}/kubepods`, outer, 0.2 * GB),
    ...v2(`${root}/kubepods/pod1`, middle, 0.1 * GB),
    ...v2(`${root}/kubepods/pod1/c1`, inner, 0.1 * GB),
  });
  close(available(nested("max", "max", "max")), 18 * GB);
  close(available(nested("max", 0.5 * GB, "max")), 0.75 * 0.4 * GB);
  close(available(nested(GB, 0.9 * GB, 2 * GB)), 0.75 * 0.8 * GB);
  close(available(nested(0.3 * GB, GB, GB)), 0.75 * 0.1 * GB);
  close(available(nested(GB, GB, 0.2 * GB)), 0.75 * 0.1 * GB);
  close(available(nested(0.1 * GB, GB, GB)), 0);
  const old = {
    ...process("4:memory:/a/b\n0::/", V1_MOUNT),
    ...v1("/sys/fs/cgroup/memory", UNLIMITED, 20 * GB),
    ...v1("/sys/fs/cgroup/memory/a", 0.4 * GB, 0.1 * GB),
    ...v1("/sys/fs/cgroup/memory/a/b", UNLIMITED, 0.1 * GB),
  };
  close(available(old), 0.75 * 0.3 * GB);
});

Deno.test("the high mark of a group, above which it is throttled, is a limit too", () => {
  const files = {
    ...process("0::/app", V2_MOUNT),
    ...v2("/sys/fs/cgroup/app", 4 * GB, GB, { "memory.high": `${2 * GB}\n` }),
  };
  close(available(files), 0.75 * GB);
});

Deno.test("if no file can be read, Deno's limit counts, less the memory of the process", () => {
  close(available({}, { ownLimit: 0.4 * GB, held: 0.1 * GB }), 0.75 * 0.3 * GB);
  close(available({}, { ownLimit: UNLIMITED, held: 0.1 * GB }), 18 * GB);
  const files = { ...process("0::/", V2_MOUNT), ...v2("/sys/fs/cgroup", GB, 0.2 * GB) };
  close(available(files, { ownLimit: 0.4 * GB, held: 0.1 * GB }), 0.75 * 0.8 * GB);
});

Deno.test("invalid files are no limit", () => {
  for (const text of ["", "max", "nonsense", "\n"]) {
    const files = {
      ...process("0::/", V2_MOUNT),
      "/sys/fs/cgroup/memory.max": text,
      "/sys/fs/cgroup/memory.current": "1",
    };
    close(available(files), 18 * GB);
  }
  close(available({ "/proc/self/cgroup": "???", "/proc/self/mountinfo": "- -\n - \n" }), 18 * GB);
});

Deno.test("on this machine it is a part of the free memory", () => {
  const bytes = availableMemory();
  assert.ok(bytes > 0 && bytes <= 0.76 * Deno.systemMemoryInfo().total, `${bytes}`);
});
