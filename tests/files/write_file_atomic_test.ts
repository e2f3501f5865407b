// writeFileAtomic() and checkImageWritable() when the disk fails.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { writeFileAtomic } from "../../lib/files/mod.ts";
import { checkImageWritable } from "../../lib/image/mod.ts";
import { inFolder, rejectsInOneLine } from "../image/_fixtures.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("writeFileAtomic() creates and replaces a file", async () => {
  await inFolder(async (folder) => {
    for (const text of ["a", "longer", ""]) {
      await writeFileAtomic(`${folder}/file`, bytes(text));
      assert.equal(await Deno.readTextFile(`${folder}/file`), text);
    }
  });
});

Deno.test("writeFileAtomic() shows readers the old or the new file, never a part", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/file`;
    const sizes = [100_000, 3_000_000];
    await writeFileAtomic(path, new Uint8Array(sizes[0]!));
    let writing = true;
    const writer = (async () => {
      for (let i = 1; i < 10; i++) await writeFileAtomic(path, new Uint8Array(sizes[i % 2]!));
      writing = false;
    })();
    while (writing) assert.ok(sizes.includes((await Deno.readFile(path)).length));
    await writer;
  });
});

Deno.test("writeFileAtomic() leaves the old file and no temporary one on a full disk", async (t) => {
  // The system's own error, as Deno reports it.
  const full = Object.assign(new Error("No space left on device (os error 28)"), {
    code: "ENOSPC",
  });
  const prototype = Deno.FsFile.prototype;
  const { write, sync } = prototype;
  const failing = {
    write: () => Promise.reject(full),
    sync: () => Promise.reject(full),
  };
  for (const method of ["write", "sync"] as const) {
    await t.step(`when ${method}() fails`, async () => {
      await inFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/file`, "old");
        prototype[method] = failing[method];
        try {
          await rejectsInOneLine(writeFileAtomic(`${folder}/file`, bytes("new")), /disk is full/);
        } finally {
          Object.assign(prototype, { write, sync });
        }
        assert.equal(await Deno.readTextFile(`${folder}/file`), "old");
        assert.equal([...Deno.readDirSync(folder)].length, 1);
      });
    });
  }
});

Deno.test({
  name: "writeFileAtomic() leaves the old file when the system stops a write halfway",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/file`, "old");
      const module = new URL("../../lib/files/write_file_atomic.ts", import.meta.url);
      await Deno.writeTextFile(
        `${folder}/main.ts`,
        `import { writeFileAtomic } from "${module}";
         await writeFileAtomic("${folder}/file", new Uint8Array(10_000_000))
           .catch((error) => console.log(error.name, error.message));`,
      );
      const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
      const { stdout } = await new Deno.Command("sh", {
        args: [
          "-c",
          // Without the trap the limit kills the process instead of failing the write.
          'trap "" XFSZ; ulimit -f 2000; exec "$0" run --quiet -A --config "$1" "$2"',
          ...[Deno.execPath(), config, `${folder}/main.ts`],
        ],
      }).output();
      assert.match(
        new TextDecoder().decode(stdout),
        /^FileError cannot write ".*": File too large\n$/,
      );
      assert.equal(await Deno.readTextFile(`${folder}/file`), "old");
      assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
        "file",
        "main.ts",
      ]);
    });
  },
});

Deno.test("writeFileAtomic() and checkImageWritable() refuse impossible places in one line", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "old");
    await Deno.mkdir(`${folder}/folder.png`);
    const places = {
      "missing/a.png": /there is no such file or folder/,
      "file/a.png": /a part of its path is not a folder/,
      "folder.png": /it is a folder/,
      [`${"a".repeat(300)}/b.png`]: /the name is too long/,
    };
    for (const [place, message] of Object.entries(places)) {
      await rejectsInOneLine(writeFileAtomic(`${folder}/${place}`, bytes("new")), message);
      await rejectsInOneLine(checkImageWritable(`${folder}/${place}`), message);
    }
    assert.equal(await Deno.readTextFile(`${folder}/file`), "old");
  });
});

Deno.test({
  name: "writeFileAtomic() keeps the permissions of the file that it replaces",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (folder) => {
      for (const mode of [0o600, 0o640, 0o666]) {
        const path = `${folder}/${mode}`;
        await Deno.writeFile(path, bytes("old"));
        await Deno.chmod(path, mode);
        await writeFileAtomic(path, bytes("new"));
        assert.equal((await Deno.stat(path)).mode! & 0o777, mode);
        assert.equal(await Deno.readTextFile(path), "new");
      }
    });
  },
});

Deno.test({
  name: "writeFileAtomic() writes through a link and does not replace a device",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/file`, "old");
      await Deno.symlink(`${folder}/file`, `${folder}/link`);
      await writeFileAtomic(`${folder}/link`, bytes("new"));
      assert.equal(await Deno.readTextFile(`${folder}/file`), "new");
      assert.ok((await Deno.lstat(`${folder}/link`)).isSymlink);
      // To a file that is not there yet, by another link.
      await Deno.mkdir(`${folder}/below`);
      await Deno.symlink("below/next", `${folder}/first`);
      await Deno.symlink("../later", `${folder}/below/next`);
      await writeFileAtomic(`${folder}/first`, bytes("new"));
      assert.equal(await Deno.readTextFile(`${folder}/later`), "new");
      assert.ok((await Deno.lstat(`${folder}/first`)).isSymlink);
    });
    await rejectsInOneLine(writeFileAtomic("/dev/null", bytes("new")), /not an ordinary file/);
  },
});

Deno.test("checkImageWritable() accepts every format and touches nothing", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/old.png`, "old");
    for (const extension of ["png", "jpg", "jpeg", "webp", "tif", "tiff", "avif", "gif", "PNG"]) {
      await checkImageWritable(`${folder}/new.${extension}`);
    }
    await checkImageWritable(`${folder}/old.png`);
    assert.equal(await Deno.readTextFile(`${folder}/old.png`), "old");
    assert.equal([...Deno.readDirSync(folder)].length, 1);
    await rejectsInOneLine(
      checkImageWritable(`${folder}/new.bmp`),
      /the extension is \.bmp; use one/,
    );
  });
});
