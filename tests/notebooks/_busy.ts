// Keeps every core busy, as on a machine with other work.

/**
 * Starts a process a core that does nothing but compute.
 *
 * @returns What ends them when it is disposed.
 */
export function busy(): Disposable {
  const options: Deno.CommandOptions = { args: ["eval", "for (;;);"], stdin: "null" };
  const processes = Array.from(
    { length: navigator.hardwareConcurrency },
    () => new Deno.Command(Deno.execPath(), options).spawn(),
  );
  return {
    [Symbol.dispose]() {
      for (const process of processes) process.kill("SIGKILL");
    },
  };
}
