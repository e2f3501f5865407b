// Handles Ctrl-C and the closing of the terminal: the first signal stops the run, the second ends the process.
import { Failure } from "./_failure.ts";

/** The signals, and the exit codes that shells give them. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Signals within this time after the first count as the same: a terminal sends Ctrl-C to the script and to `deno
 * task`, which passes it on.
 */
const SAME_MILLISECONDS = 500;

/** The user stopped the command before there was a result. */
export class Interruption extends Failure {}

/**
 * Listens to SIGINT, SIGTERM and SIGHUP (a terminal sends the last when it is closed). After the first of them the
 * listeners are removed, so that the next one ends the process at once, whatever the threads are doing.
 *
 * @param first Called on the first signal.
 * @returns A signal that the first one aborts, with an {@linkcode Interruption} as its reason.
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
