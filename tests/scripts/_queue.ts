// A Redis server for the tests of the queue, and workers that can be killed.
import { join } from "node:path";
import { type Ended, Follower, start, taskCommand } from "./_command.ts";

/** Programs that speak Redis's protocol, in the order in which they are looked for. */
const SERVERS = ["redis-server", "valkey-server"];

/** Waits. */
export const pause = (milliseconds: number) =>
  new Promise<void>((done) => setTimeout(done, milliseconds));

/** How long something may take on a machine that does much else at the time, in milliseconds. */
const PATIENCE = 90_000;

/** Waits until something is so. */
export async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!await isSo()) {
    if (performance.now() > end) throw new Error(`${what}: it never came`);
    await pause(100);
  }
}

/** A port that nobody listens to now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Whether something listens to a port. */
const isListening = (port: number): Promise<boolean> =>
  Deno.connect({ hostname: "127.0.0.1", port }).then((connection) => {
    connection.close();
    return true;
  }, () => false);

/** A server that is running. */
export class Server {
  #child: Deno.ChildProcess | undefined;

  private constructor(readonly program: string, readonly port: number, readonly args: string[]) {}

  /** Starts a server that keeps an append-only file in a folder. */
  static async start(folder: string, ...more: string[]): Promise<Server> {
    const port = freePort();
    const where = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder];
    const kept = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
    const server = new Server(await installed(), port, [...where, ...kept, ...more]);
    await server.begin();
    return server;
  }

  /** Starts it, again if it has been killed. */
  async begin(): Promise<void> {
    const options = { args: this.args, stdout: "null", stderr: "null", stdin: "null" } as const;
    this.#child = new Deno.Command(this.program, options).spawn();
    await until(() => isListening(this.port), `${this.program} at port ${this.port}`);
  }

  /** Ends it as a failing machine does. */
  async kill(): Promise<void> {
    this.#child!.kill("SIGKILL");
    await this.#child!.status;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }
}

/** The first server there is on this machine. */
async function installed(): Promise<string> {
  for (const name of SERVERS) {
    try {
      await new Deno.Command(name, { args: ["--version"], stdout: "null", stderr: "null" })
        .output();
      return name;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error(
    `these tests need ${SERVERS.join(" or ")}: apt-get install redis-server (or valkey-server)`,
  );
}

/** Runs a test with a server, in a folder of its own. */
export async function withServer(
  test: (server: Server, folder: string) => Promise<void>,
  ...more: string[]
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "queue-test-" }));
  await Deno.mkdir(join(folder, "server"));
  const server = await Server.start(join(folder, "server"), ...more);
  try {
    await test(server, folder);
  } finally {
    await server.kill();
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}

/** A worker that is running. */
export class Worker {
  readonly #follower: Follower;
  /** What is read of it, to its end. */
  readonly ended: Promise<Ended>;

  /** Starts one; `within` is what its process is started by. */
  constructor(args: string[], env: Record<string, string> = {}, within: string[] = []) {
    this.#follower = new Follower(start([...within, ...taskCommand("worker", ...args)], env));
    this.ended = this.#follower.end();
  }

  /** What it has said. */
  get said(): string {
    return this.#follower.stderr;
  }

  /** Ends it by a signal and waits. */
  async end(signal: Deno.Signal): Promise<Ended> {
    try {
      this.#follower.child.kill(signal);
    } catch {
      // It has ended by itself.
    }
    return await this.ended;
  }
}

/** A relay to a server that can be switched off: its connections are cut, and no new ones are accepted. */
export class Relay {
  readonly port = freePort();
  #listener: Deno.Listener | undefined;
  readonly #open = new Set<Deno.Conn>();

  constructor(readonly server: Server) {
    this.on();
  }

  on(): void {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: this.port });
    this.#serve(this.#listener);
  }

  off(): void {
    this.#listener?.close();
    this.#listener = undefined;
    for (const connection of this.#open) {
      try {
        connection.close();
      } catch {
        // The other end was first.
      }
    }
    this.#open.clear();
  }

  async #serve(listener: Deno.Listener): Promise<void> {
    try {
      for await (const inner of listener) {
        await this.#pass(inner);
      }
    } catch {
      // It was switched off.
    }
  }

  async #pass(inner: Deno.Conn): Promise<void> {
    try {
      const outer = await Deno.connect({ hostname: "127.0.0.1", port: this.server.port });
      for (const one of [inner, outer]) this.#open.add(one);
      inner.readable.pipeTo(outer.writable).catch(() => {});
      outer.readable.pipeTo(inner.writable).catch(() => {});
    } catch {
      // The server is down: as at its own port nothing comes of it.
      inner.close();
    }
  }
}
