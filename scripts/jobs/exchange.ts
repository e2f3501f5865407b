// How pictures reach the workers and results come back: through the queue's server, or a shared folder.
import { Buffer } from "node:buffer";
import { basename, isAbsolute, join, relative } from "node:path";
import type { Redis } from "ioredis";
import { writeFileAtomic } from "../../lib/files/mod.ts";
import { Failure } from "../_failure.ts";
import { jsonBytes, readBytes, reasonOf, sha256 } from "../_kept_folder.ts";
import { PREFIX, type SentFile } from "./connection.ts";
import type { JobResult } from "./job.ts";

/** What is wrong with a machine or a queue, and not with the job at hand. */
export class MachineFailure extends Failure {}

/** How the files of jobs go to and fro. A job is named by its identity. */
export interface FileTransfer {
  /**
   * Makes a file readable by the workers, for a job.
   *
   * @throws {Failure} If it cannot be read, is too large, or there is no room for it.
   */
  send(id: string, path: string, digest: string): Promise<SentFile>;
  /**
   * Where a worker reads a file that was sent.
   *
   * @param file The file.
   * @param folder A folder of the job's own on the worker, where it may be put.
   * @throws {MachineFailure} If it cannot be put there.
   * @throws {Failure} If it is not there any more, or has changed.
   */
  receive(file: SentFile, folder: string): Promise<string>;
  /**
   * Leaves what a job gave, whole.
   *
   * @param id The job.
   * @param done What it gave.
   * @param extension The format of its picture.
   * @param folder As for `receive`.
   * @throws {MachineFailure} If it cannot be left.
   */
  leave(id: string, done: JobResult, extension: string, folder: string): Promise<void>;
  /** Whether a worker has left what a job gave. */
  isLeft(id: string): Promise<boolean>;
  /** What a worker has left; undefined if that is nothing, or not whole. */
  collect(id: string, extension: string): Promise<JobResult | undefined>;
  /** Takes away all that is kept for a job. */
  discard(id: string, extension: string, files: readonly SentFile[]): Promise<void>;
}

const inMegabytes = (bytes: number): number => bytes / 2 ** 20;

/** A file through the queue's server may have so many bytes: more than that is a shared folder's. */
export const MAX_FILE_BYTES = 32 * 2 ** 20;

/** Bytes as the client takes them; it would write others out as text. */
const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

/** A result's record, without the picture. */
const recordOf = ({ sources, pages }: JobResult): Uint8Array => jsonBytes({ sources, pages });

/** What a job gave, from the bytes of its record and of its picture. */
const doneOf = (record: string, picture: Uint8Array): JobResult => ({
  ...JSON.parse(record),
  write: (path: string) => writeFileAtomic(path, picture),
});

/** Turns an error on a worker's disk into trouble. */
const trouble = (error: unknown): never => {
  throw new MachineFailure(`cannot keep the files of a job: ${reasonOf(error as Error)}`);
};

/** Throws if bytes are not those that were meant. */
async function checkDigest(bytes: Uint8Array, { name, digest }: SentFile): Promise<void> {
  if (await sha256(bytes) !== digest) {
    throw new Failure(`${name} has changed since the study began`);
  }
}

/**
 * Forgets that a job (ARGV) needs some files; each file (odd keys) that no other needs is deleted with the
 * list of those who do (even keys). The server does it in one go: nobody can begin to need one meanwhile.
 */
const FORGET = `
for i = 1, #KEYS, 2 do
  redis.call("SREM", KEYS[i + 1], ARGV[1])
  if redis.call("SCARD", KEYS[i + 1]) == 0 then redis.call("DEL", KEYS[i], KEYS[i + 1]) end
end`;

/**
 * The exchange through the queue's server: each file once, however many jobs need it.
 *
 * @param client The connection.
 * @returns The exchange.
 */
export function serverTransfer(client: Redis): FileTransfer {
  const fileKey = (digest: string) => `${PREFIX}:file:${digest}`;
  const usersKey = (digest: string) => `${PREFIX}:users:${digest}`;
  const resultKey = (id: string) => `${PREFIX}:result:${id}`;
  /** Redis refuses what needs memory that it may not take. */
  const stored = async <T>(storing: Promise<T>): Promise<T> => {
    try {
      return await storing;
    } catch (error) {
      if (!/^(?:OOM|MISCONF)/.test((error as Error).message)) throw error;
      throw new MachineFailure(
        "the queue's server takes no more data: give it memory, or use --shared",
      );
    }
  };
  return {
    async send(id, path, digest) {
      const { size } = await Deno.stat(path).catch(() => ({ size: 0 }));
      if (size > MAX_FILE_BYTES) {
        throw new Failure(
          `"${path}" has ${inMegabytes(size).toFixed(1)} MB, more than the ${
            inMegabytes(MAX_FILE_BYTES)
          } ` +
            "that go through the queue: use --shared",
        );
      }
      // First: from now on nobody deletes it.
      await stored(client.sadd(usersKey(digest), id));
      if (await client.exists(fileKey(digest)) === 0) {
        const bytes = await readBytes(path);
        await checkDigest(bytes, { name: `"${path}"`, digest, path: null });
        await stored(client.set(fileKey(digest), asBuffer(bytes)));
      }
      return { name: basename(path), digest, path: null };
    },
    async receive(file, folder) {
      const bytes = await client.getBuffer(fileKey(file.digest));
      if (!bytes) throw new Failure(`${file.name} is not in the queue any more`);
      await checkDigest(bytes, file);
      const path = join(folder, file.name);
      await Deno.writeFile(path, bytes).catch(trouble);
      return path;
    },
    async leave(id, done, extension, folder) {
      const path = join(folder, `restored${extension}`);
      await done.write(path).catch(trouble);
      const picture = await Deno.readFile(path).catch(trouble);
      const fields = { picture: asBuffer(picture), record: asBuffer(recordOf(done)) };
      await stored(client.hset(resultKey(id), fields));
    },
    isLeft: async (id) => await client.exists(resultKey(id)) > 0,
    async collect(id) {
      const { picture, record } = await client.hgetallBuffer(resultKey(id));
      return picture && record ? doneOf(record.toString(), picture) : undefined;
    },
    async discard(id, _, files) {
      const sent = files.filter(({ path }) => path === null);
      const keys = sent.flatMap(({ digest }) => [fileKey(digest), usersKey(digest)]);
      if (keys.length > 0) await client.eval(FORGET, keys.length, ...keys, id);
      await client.del(resultKey(id));
    },
  };
}

/** The folders in a shared folder, and the file that it is recognised by on every machine. */
const INPUTS = "inputs", RESULTS = "results", MARK = "study-folder";

/**
 * Makes a folder one through which jobs go, or sees that it is.
 *
 * @param folder The shared folder, as the machine that starts the study sees it.
 * @returns What the folder is recognised by.
 * @throws {Failure} If it cannot be written to.
 */
export async function markShared(folder: string): Promise<string> {
  const mark = join(folder, MARK);
  try {
    for (const name of [INPUTS, RESULTS]) {
      await Deno.mkdir(join(folder, name), { recursive: true });
    }
    const isThere = await Deno.stat(mark).then(() => true, () => false);
    if (!isThere) await writeFileAtomic(mark, new TextEncoder().encode(crypto.randomUUID()));
    return await Deno.readTextFile(mark);
  } catch (error) {
    throw new Failure(`cannot use --shared "${folder}": ${reasonOf(error as Error)}`);
  }
}

/**
 * Looks whether a worker sees the folder through which a job goes.
 *
 * @param folder The folder, as this machine sees it; undefined if it was told none.
 * @param mark What it is recognised by.
 * @throws {MachineFailure} If it does not.
 */
export async function checkShared(folder: string | undefined, mark: string): Promise<void> {
  if (folder === undefined) {
    throw new MachineFailure("the jobs go through a folder that all machines see: say --shared");
  }
  const there = await Deno.readTextFile(join(folder, MARK)).catch((error) => {
    throw new MachineFailure(`cannot read --shared "${folder}": ${reasonOf(error)}`);
  });
  if (there !== mark) {
    throw new MachineFailure(`--shared "${folder}" is not the folder of the jobs`);
  }
}

/**
 * The exchange through a folder that all machines see. A file that lies in it already is read where it is;
 * others are copied to it.
 *
 * @param folder The folder, as this machine sees it.
 * @returns The exchange.
 */
export function folderTransfer(folder: string): FileTransfer {
  const resultPath = (id: string, extension: string) => join(folder, RESULTS, `${id}${extension}`);
  return {
    async send(_, path, digest) {
      const name = basename(path);
      const [root, file] = [await Deno.realPath(folder), await Deno.realPath(path)];
      const within = relative(root, file);
      if (!within.startsWith("..") && !isAbsolute(within)) return { name, digest, path: within };
      const copied = `${digest}-${name}`, place = join(folder, INPUTS, copied);
      const isThere = await Deno.stat(place).then(() => true, () => false);
      if (!isThere) await writeFileAtomic(place, await readBytes(path));
      return { name, digest, path: join(INPUTS, copied) };
    },
    async receive(file) {
      const path = join(folder, file.path!);
      await checkDigest(await readBytes(path), file);
      return path;
    },
    async leave(id, done, extension) {
      // Last: a result counts as left when its record is there.
      await done.write(resultPath(id, extension)).catch(trouble);
      await writeFileAtomic(resultPath(id, ".json"), recordOf(done)).catch(trouble);
    },
    isLeft: (id) => Deno.stat(resultPath(id, ".json")).then(() => true, () => false),
    async collect(id, extension) {
      try {
        const record = await Deno.readTextFile(resultPath(id, ".json"));
        return doneOf(record, await Deno.readFile(resultPath(id, extension)));
      } catch {
        return undefined;
      }
    },
    async discard(id, extension) {
      // The record first: without it nothing counts as left.
      for (const path of [resultPath(id, ".json"), resultPath(id, extension)]) {
        await Deno.remove(path).catch(() => {});
      }
    },
  };
}
