// Ctrl-C, or the end of the terminal: the first asks the run to stop, the second ends the process.
import { Failure } from "./_failure.ts";

/** The signals listened to and the exit codes that shells know them by. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * How long after the first signal another one still counts as the same: a terminal sends Ctrl-C to the
 * script and to `deno task`, which passes it on.
 */
const SAME_MILLISECONDS = 500;

/** The user asked to stop, before there was anything to keep. */
export class Interruption extends Failure {}

/**
 * Listens to SIGINT, SIGTERM and SIGHUP, which a terminal sends when it is closed, until the first of them. A later
 * one ends the process as if nobody had ever listened: at once, whatever the threads are doing.
 *
 * @param first What to do at the first.
 * @returns A signal aborted by the first, its reason an {@linkcode Interruption}.
 */
export function catchInterrupts(first: () => void): AbortSignal {
  const controller = new AbortController();
  const names: (keyof typeof EXIT_CODES)[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  const listeners = names.map((name) => {
    const listener = () => {
      if (controller.signal.aborted) return;
      const message = "interrupted before the first step; nothing was written";
      controller.abort(new Interruption(message, EXIT_CODES[name]));
      first();
      setTimeout(ignoreNoMore, SAME_MILLISECONDS);
    };
    Deno.addSignalListener(name, listener);
    return { name, listener };
  });
  const ignoreNoMore = () => {
    for (const { name, listener } of listeners) Deno.removeSignalListener(name, listener);
  };
  return controller.signal;
}
