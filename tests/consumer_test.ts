// The package in another project: with its own deno.json, a path to the package, and the permissions in README.md.
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The settings of a project that has this one beside it, as README.md has them. */
const CONSUMER = { links: [ROOT] };

/** Runs a program as a project of its own, after its types have been checked, with what `deno.lock` names alone. */
async function runElsewhere(program: string, permissions: readonly string[]): Promise<string[]> {
  const folder = await Deno.makeTempDir({ prefix: "consumer-test-" });
  try {
    await Deno.writeTextFile(join(folder, "deno.json"), JSON.stringify(CONSUMER));
    await Deno.copyFile(join(ROOT, "deno.lock"), join(folder, "deno.lock"));
    await Deno.writeTextFile(join(folder, "main.ts"), program);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--check", "--no-prompt", ...permissions, "main.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout).trimEnd().split("\n");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** README.md's permissions of a heading's words. */
async function permissionsOf(what: string): Promise<string[]> {
  const readme = await Deno.readTextFile(join(ROOT, "README.md"));
  const row = readme.split("\n").find((line) => line.startsWith(`| ${what}`));
  assert.ok(row, `README.md has a row of ${what}`);
  return [...row.matchAll(/--allow-[\w=,-]+/g)].map(([permission]) => permission);
}

Deno.test("another project measures a picture without any permission", async () => {
  const program = `
    import { createImage, psnr } from "${config.name}/image";
    const black = createImage({ height: 16, width: 16, channels: 1 });
    console.log(psnr({ ...black, data: black.data.map(() => 0.1) }, black).toFixed(3));`;
  assert.deepEqual(await runElsewhere(program, []), ["20.000"]);
});

Deno.test("every export of the package is loaded without any permission", async () => {
  const entries = Object.keys(config.exports).map((path) => config.name + path.slice(1));
  const program = entries.map((entry) => `
    console.log(Object.keys(await import("${entry}")).length > 0);`).join("");
  assert.deepEqual(await runElsewhere(program, []), entries.map(() => "true"));
});

Deno.test("another project restores a picture and draws a chart and a report", async () => {
  const program = `
    import { renderPng, reportHtml, runFigure } from "${config.name}/chart";
    import { denoising } from "${config.name}/degradation";
    import { addGaussianNoise, createImage, psnr, writeImage } from "${config.name}/image";
    import { dip } from "${config.name}/network";
    import { restore } from "${config.name}/restoration";

    const clean = createImage({ height: 16, width: 16, channels: 1 });
    clean.data.fill(0.5);
    const noisy = addGaussianNoise(clean, 0.1, 1);
    const network = dip({ channels: 4, scales: 2, inputChannels: 4, skipChannels: 2 });
    const run = restore(denoising(noisy), {
      network,
      iterations: 5,
      snapshots: true,
      reference: clean,
    });
    const { image, record } = await run.result;
    console.log(image.height, image.width, psnr(image, clean) > 0);
    const png = await renderPng(runFigure(record), { width: 320, height: 240, scale: 1 });
    console.log(String.fromCharCode(...png.subarray(1, 4)));
    const page = await reportHtml({ title: "Elsewhere", runs: [{ record, after: image }] });
    console.log(page.startsWith("<!DOCTYPE html>"), page.includes("Elsewhere"));
    await writeImage("restored.png", image);
    console.log((await Deno.stat("restored.png")).isFile);`;
  const permissions = await permissionsOf("restores pictures, draws charts");
  assert.deepEqual(await runElsewhere(program, permissions), [
    "16 16 true",
    "PNG",
    "true true",
    "true",
  ]);
});

Deno.test("another project reads and writes a picture with the permissions named for that", async () => {
  const program = `
    import { createImage, readImage, writeImage } from "${config.name}/image";
    await writeImage("grey.png", createImage({ height: 16, width: 24, channels: 1 }));
    const { height, width } = await readImage("grey.png");
    console.log(height, width);`;
  const permissions = await permissionsOf("reads and writes picture files");
  assert.deepEqual(await runElsewhere(program, permissions), ["16 24"]);
});

Deno.test("another project restores a picture with the permissions named for that", async () => {
  const program = `
    import { createImage, denoising, restore } from "${config.name}";
    const grey = createImage({ height: 16, width: 16, channels: 1 });
    grey.data.forEach((_, i) => grey.data[i] = 0.5 + 0.3 * Math.sin(7 * i));
    const { image } = await restore(denoising(grey), { quality: "fast" }).result;
    console.log(image.height, image.width);`;
  const permissions = await permissionsOf("restores pictures too");
  assert.deepEqual(await runElsewhere(program, permissions), ["16 16"]);
});
