// The address and the options of a queue: passwords, TLS, and options that exclude each other.
import assert from "node:assert/strict";
import { join } from "node:path";
import { assertOneLine, ended, inFolder, runTask, start, taskCommand } from "./_command.ts";
import { freePort, withServer } from "./_queue.ts";
import { ignore } from "./_queued_study.ts";

Deno.test(
  { name: "a queue is reached with a password and through TLS alone", ignore },
  async () => {
    await inFolder(async (folder) => {
      const at = (name: string) => join(folder, name);
      await certify(folder);
      const tlsPort = freePort();
      const tls = [
        ...["--tls-port", `${tlsPort}`, "--tls-cert-file", at("server.pem"), "--tls-key-file"],
        ...[at("server.key"), "--tls-ca-cert-file", at("ca.pem"), "--tls-auth-clients", "no"],
      ];
      await withServer(
        async ({ url, port }) => {
          const look = (queue: string, env: Record<string, string> = {}) =>
            ended(start(taskCommand("queue", "--queue", queue), env));
          const nobody = freePort();
          const cases: [queue: string, exitCode: number, line: RegExp][] = [
            [url, 1, /^queue: cannot reach the queue at redis:.*:\d+: it needs a password, as in /],
            [`redis://:wrong@127.0.0.1:${port}`, 1, /: the password is wrong\n$/],
            [`redis://127.0.0.1:${nobody}`, 1, /: nothing listens there\n$/],
            ["http://127.0.0.1", 2, /^queue: --queue must be like redis:\/\/host:6379, or rediss:/],
            ["redis://:secret@one,two", 2, /^queue: --queue must be like redis:/],
          ];
          for (const [queue, exitCode, line] of cases) {
            const result = await look(queue);
            assertOneLine("queue", result, exitCode, line);
            assert.doesNotMatch(result.stderr, /wrong@|secret/);
          }
          assert.match((await look(`redis://:secret@127.0.0.1:${port}`)).stdout, /^waiting +0\n/);
          const encrypted = `rediss://:secret@localhost:${tlsPort}`;
          assertOneLine("queue", await look(encrypted), 1, /cannot reach .*rediss:.*certificate/i);
          const known = await look(encrypted, { DENO_CERT: at("ca.pem") });
          assert.match(known.stdout, /^waiting +0\n/, known.stderr);
        },
        ...["--requirepass", "secret", ...tls],
      );
    });
  },
);

/** Makes a certificate for localhost and the authority that it is believed by. */
async function certify(folder: string): Promise<void> {
  const openssl = async (...args: string[]) => {
    const { code, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
  };
  const key = (name: string) => ["-newkey", "rsa:2048", "-nodes", "-keyout", `${name}.key`];
  await openssl("req", "-x509", ...key("ca"), "-out", "ca.pem", "-days", "2", "-subj", "/CN=test");
  await openssl("req", ...key("server"), "-out", "server.csr", "-subj", "/CN=localhost");
  await Deno.writeTextFile(join(folder, "names"), "subjectAltName=DNS:localhost\n");
  await openssl(
    ...[
      "x509",
      "-req",
      "-in",
      "server.csr",
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
    ],
    ...["-out", "server.pem", "-days", "2", "-extfile", "names"],
  );
}

Deno.test("options of a queue that do not go together are refused in one line", async (t) => {
  const cases: [task: "batch" | "worker" | "queue", args: string[], line: RegExp][] = [
    ["batch", ["photos", "--shared", "x"], /--shared goes with --queue/],
    ["batch", ["photos", "--retries", "1"], /--retries goes with --queue/],
    ["batch", ["photos", "--on-interrupt", "drain"], /--on-interrupt goes with --queue/],
    ["batch", ["photos", "--queue", "redis://a", "--jobs", "2"], /--jobs is of this process/],
    ["batch", ["photos", "--queue", "here"], /--queue must be like redis:/],
    ["worker", [], /--queue is missing/],
    ["queue", ["--queue", "redis://a", "stop"], /"stop" is not one of status, drain, clear/],
  ];
  for (const [task, args, line] of cases) {
    await t.step(`${task} ${args.join(" ")}`, async () => {
      // By the task itself, as a user does it.
      assertOneLine(task, await runTask(task, ...args), 2, line);
    });
  }
});
