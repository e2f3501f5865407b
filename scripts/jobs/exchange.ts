// Transfers pictures to the workers and results back: through the queue's server, or a shared folder.
import { Buffer } from "node:buffer";
import { basename, isAbsolute, join, relative } from "node:path";
import type { Redis } from "ioredis";
import { writeFileAtomic } from "../../lib/files/mod.ts";
import { Failure } from "../_failure.ts";
import { jsonBytes, readBytes, reasonOf, sha256 } from "../_kept_folder.ts";
import { PREFIX, type SentFile } from "./connection.ts";
import type { JobResult } from "./job.ts";

/** A failure of a machine or a queue, as opposed to one of a job. */
export class MachineFailure extends Failure {}

/** Transfers the files of jobs. A job is named by its identity. */
export interface FileTransfer {
  /**
   * Makes a file available to the workers, for a job.
   *
   * @throws {Failure} If it cannot be read, is too large, or there is no space for it.
   */
  send(id: string, path: string, digest: string): Promise<SentFile>;
  /**
   * Makes a sent file available on a worker; returns its path.
   *
   * @param file The file.
   * @param folder A folder on the worker for the files of the job.
   * @throws {MachineFailure} If the file cannot be written there.
   * @throws {Failure} If the file no longer exists, or has changed.
   */
  receive(file: SentFile, folder: string): Promise<string>;
  /**
   * Stores the result of a job, whole or not at all.
   *
   * @param id The job.
   * @param done Its result.
   * @param extension The format of its picture.
   * @param folder As for `receive`.
   * @throws {MachineFailure} If it cannot be stored.
   */
  leave(id: string, done: JobResult, extension: string, folder: string): Promise<void>;
  /** Whether the result of a job is stored. */
  isLeft(id: string): Promise<boolean>;
  /** Reads the stored result of a job; undefined if there is none, or it is not complete. */
  collect(id: string, extension: string): Promise<JobResult | undefined>;
  /** Deletes everything that is stored for a job. */
  discard(id: string, extension: string, files: readonly SentFile[]): Promise<void>;
}

const inMegabytes = (bytes: number): number => bytes / 2 ** 20;

/** The largest file that goes through the queue's server, in bytes; larger ones need a shared folder. */
export const MAX_FILE_BYTES = 32 * 2 ** 20;

/** Bytes as a Buffer, because the client would write other arrays as text. */
const asBuffer = ({ buffer, byteOffset, length }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, length);

/** The record of a result, without the picture. */
const recordOf = ({ sources, pages }: JobResult): Uint8Array => jsonBytes({ sources, pages });

/** Makes a result from the bytes of its record and its picture. */
const doneOf = (record: string, picture: Uint8Array): JobResult => ({
  ...JSON.parse(record),
  write: (path: string) => writeFileAtomic(path, picture),
});

/** Converts an error on a worker's disk to a machine failure. */
const trouble = (error: unknown): never => {
  throw new MachineFailure(`cannot keep the files of a job: ${reasonOf(error as Error)}`);
};

/** Throws if bytes do not have the expected digest. */
async function checkDigest(bytes: Uint8Array, { name, digest }: SentFile): Promise<void> {
  if (await sha256(bytes) !== digest) {
    throw new Failure(`${name} has changed since the study began`);
  }
}

/**
 * Removes a job (ARGV) from the users of some files. Each file (odd keys) without other users is deleted, with its
 * list of users (even keys). The server runs this atomically, so that no user can be added meanwhile.
 */
const FORGET = `
for i = 1, #KEYS, 2 do
  redis.call("SREM", KEYS[i + 1], ARGV[1])
  if redis.call("SCARD", KEYS[i + 1]) == 0 then redis.call("DEL", KEYS[i], KEYS[i + 1]) end
end`;

/**
 * Transfers through the queue's server; each file is stored once, however many jobs need it.
 *
 * @param client The connection.
 * @returns The transfer.
 */
export function serverTransfer(client: Redis): FileTransfer {
  const fileKey = (digest: string) => `${PREFIX}:file:${digest}`;
  const usersKey = (digest: string) => `${PREFIX}:users:${digest}`;
  const resultKey = (id: string) => `${PREFIX}:result:${id}`;
  /** Redis refuses commands for which it has not enough memory. */
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
      // Add the user first, so that the file is not deleted meanwhile.
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

/** The folders in a shared folder, and the file that identifies it on every machine. */
const INPUTS = "inputs", RESULTS = "results", MARK = "study-folder";

/**
 * Creates a shared folder, or checks that it is one.
 *
 * @param folder The shared folder, on the machine that starts the study.
 * @returns The identity of the folder.
 * @throws {Failure} If it is not writable.
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
 * Checks that a worker has access to the shared folder of a job.
 *
 * @param folder The folder, on this machine; undefined if none was given.
 * @param mark The identity of the folder.
 * @throws {MachineFailure} If it has no access.
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
 * Transfers through a shared folder. A file that is already in it is read there; others are copied to it.
 *
 * @param folder The folder, on this machine.
 * @returns The transfer.
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
      // Write the record last: it marks the result as complete.
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
      // Delete the record first: without it the result does not count as complete.
      for (const path of [resultPath(id, ".json"), resultPath(id, extension)]) {
        await Deno.remove(path).catch(() => {});
      }
    },
  };
}
