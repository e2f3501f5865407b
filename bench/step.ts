// Times one training step of each network, each in a separate process, and PyTorch's if it is available.
import { fileURLToPath } from "node:url";
import { table } from "../scripts/_table.ts";
import type { NodeTime } from "../lib/engine/mod.ts";

/** Options of {@linkcode step}. */
export interface StepOptions {
  network: string;
  size: number[];
  threads: number;
  seconds: number;
  rounds: number;
  peer?: string;
  profile?: boolean;
  nodes?: number;
  json?: boolean;
}

/** The measurement of one network at one size; the field names are those of peer_torch.py. */
export interface Measurement {
  network: string;
  size: number;
  threads: number;
  first_ms: number;
  median_ms: number;
  min_ms: number;
  peak_mb: number;
  parameters: number;
  compile_ms?: number;
  convolutions?: string;
}

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url));

async function measured<T>(command: string, args: string[]): Promise<T> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${command} failed: ${text(stderr)}`);
  return JSON.parse(text(stdout).trim().split("\n").at(-1)!);
}

/** The faster of two measurements, with the larger memory. */
function better(a: Measurement | undefined, b: Measurement): Measurement {
  if (!a) return b;
  const faster = a.median_ms < b.median_ms ? a : b;
  return { ...faster, peak_mb: Math.max(a.peak_mb, b.peak_mb) };
}

/** Prints the time of each network's step by operator, and the slowest nodes. */
async function profile({ network, size, threads, seconds, nodes = 0, json }: StepOptions) {
  const profiles: { network: string; size: number; nodes: NodeTime[] }[] = [];
  for (const name of network.split(",")) {
    for (const side of size) {
      const args = ["run", "-A", beside("_profile_step.ts"), name, side, threads, seconds];
      const times = await measured<NodeTime[]>(Deno.execPath(), args.map(String));
      profiles.push({ network: name, size: side, nodes: times });
    }
  }
  if (json) return console.log(JSON.stringify(profiles, null, 2));
  for (const { network, size, nodes: times } of profiles) {
    const byOperator = Object.entries(Object.groupBy(times, ({ operator }) => operator))
      .map(([operator, all]) => [operator, sum(all!), all!.length] as const)
      .sort(([, a], [, b]) => b - a);
    console.log(`${network} ${size}: ${sum(times).toFixed(1)} ms in ${times.length} nodes`);
    console.log(table(
      ["operator", "ms", "nodes"],
      byOperator.map(([operator, ms, count]) => [operator, ms.toFixed(2), count]),
    ));
    for (const { node, shapes, ms } of times.sort((a, b) => b.ms - a.ms).slice(0, nodes)) {
      console.log(`${ms.toFixed(2).padStart(8)}  ${node}  ${shapes.slice(0, SHOWN)}`);
    }
  }
}

/** The most characters of a node's shapes; those that join all parameters have hundreds. */
const SHOWN = 120;

const sum = (times: readonly NodeTime[]): number => times.reduce((total, { ms }) => total + ms, 0);

/** Measures and prints. */
export async function step(options: StepOptions): Promise<void> {
  const { threads, seconds, rounds, peer, json } = options;
  if (options.profile) return await profile(options);
  const rows: { ours: Measurement; peer?: Measurement }[] = [];
  for (const network of options.network.split(",")) {
    for (const size of options.size) {
      let ours: Measurement | undefined, theirs: Measurement | undefined;
      for (let round = 0; round < rounds; round++) {
        const own = [network, size, threads, seconds].map(String);
        ours = better(
          ours,
          await measured<Measurement>(Deno.execPath(), [
            "run",
            "-A",
            beside("_one_step.ts"),
            ...own,
          ]),
        );
        if (!peer) continue;
        const args = [
          [beside("peer_torch.py"), "--json", "--network", network, "--size", size],
          ["--threads", threads, "--seconds", seconds],
        ].flat().map(String);
        theirs = better(theirs, await measured<Measurement>(peer, args));
      }
      rows.push(theirs ? { ours: ours!, peer: theirs } : { ours: ours! });
    }
  }
  if (json) return console.log(JSON.stringify(rows, null, 2));
  const header = ["network", "size", "ms/step", "min", "first", "compile", "peak MB", "3x3 by"];
  if (peer) header.push("PyTorch ms", "peak MB", "time ratio", "memory ratio");
  console.log(table(
    header,
    rows.map(({ ours, peer }) => [
      ours.network,
      ours.size,
      ours.median_ms.toFixed(0),
      ours.min_ms.toFixed(0),
      ours.first_ms.toFixed(0),
      ours.compile_ms!.toFixed(0),
      ours.peak_mb.toFixed(0),
      ours.convolutions!,
      ...peer
        ? [
          peer.median_ms.toFixed(0),
          peer.peak_mb.toFixed(0),
          (ours.median_ms / peer.median_ms).toFixed(2),
          (ours.peak_mb / peer.peak_mb).toFixed(2),
        ]
        : [],
    ]),
  ));
}
