import assert from "node:assert/strict";
import { join } from "node:path";
import { JSDOM } from "jsdom";
import { reportHtml, writeReport } from "../../lib/chart/mod.ts";
import { addGaussianNoise, createImage, psnr, ssim } from "../../lib/image/mod.ts";
import { errorDecomposition } from "../../lib/spectrum/mod.ts";
import { bare, record } from "./_record.ts";

const plotly = await Deno.readTextFile(
  new URL(import.meta.resolve("plotly.js-dist-min/plotly.min.js")),
);

/** A page, and what is of this library in it. */
async function page(...report: Parameters<typeof reportHtml>) {
  const html = await reportHtml(...report);
  const own = html.replace(/<script>\/\*\*\n\* plotly\.js[\s\S]*?<\/script>/, "<script></script>");
  assert.ok(html.length - own.length > 0.99 * plotly.length);
  const { document } = new JSDOM(own).window;
  return { html, own, document };
}

/** A picture to add noise to. */
const wave = createImage({
  height: 24,
  width: 32,
  channels: 1,
  data: Float32Array.from({ length: 768 }, (_, i) => 0.5 + 0.3 * Math.sin(i / 50)),
});

const CHARTS = ["run", "bands", "account", "rules", "norms"];
// deno-lint-ignore no-explicit-any -- jsdom brings no types
const idsOf = (document: any) => [...document.querySelectorAll(".chart")].map(({ id }) => id);

Deno.test("a report has every chart that its record allows", async () => {
  const full = await page({ title: "Full", runs: [{ record }] });
  assert.deepEqual(idsOf(full.document), CHARTS);
  const small = await page({ title: "Bare", runs: [{ record: bare }] });
  assert.deepEqual(idsOf(small.document), ["rules", "norms"]);
  assert.equal(small.document.querySelector(".comparison"), null);
  const budget = record.rules.filter(({ name }) => name === "budget");
  const long = await page({ title: "Budget", runs: [{ record: { ...record, rules: budget } }] });
  assert.deepEqual(idsOf(long.document), CHARTS.filter((name) => name !== "rules"));
});

Deno.test("a report's charts are the figures' data", async () => {
  const { document } = await page({ title: "Full", runs: [{ record }] });
  const chart = JSON.parse(document.querySelector("#bands + script").textContent);
  assert.deepEqual(chart.data.slice(0, 5).map(({ y }: { y: unknown }) => y), record.series.bands);
});

Deno.test("a report's charts with a slider have an input that the keyboard moves", async () => {
  const { document } = await page({ title: "Full", runs: [{ record }] });
  const charts = [...document.querySelectorAll(".chart")];
  const operated = charts.filter(({ previousElementSibling: input }) => input.type === "range");
  assert.deepEqual(operated.map(({ id }) => id), ["run"]);
  for (const { id, previousElementSibling: input } of operated) {
    // Snapshots are of iterations 1 and 4.
    assert.deepEqual([input.min, input.max, input.value], ["0", "1", "1"]);
    assert.ok(document.getElementById(input.getAttribute("aria-labelledby")).textContent, id);
  }
});

Deno.test("a report's charts are higher if their legend has more rows, but their plots are not", async () => {
  const layers = Array.from({ length: 40 }, (_, i) => `convolution_${i}`);
  const norms = layers.map(() => [1, 1]);
  const spectralNorms = { layers, iterations: [0, 4], kernel: norms, controlled: norms };
  const { document } = await page({
    title: "Legend",
    runs: [{ record: { ...record, spectralNorms } }],
  });
  const { layout, narrowLayout } = JSON.parse(
    document.querySelector("#norms + script").textContent,
  );
  const plotOf = ({ height, margin: { t, b } }: typeof layout) => height - t - b;
  assert.equal(plotOf(narrowLayout), plotOf(layout));
  assert.ok(narrowLayout.height > layout.height + 50);
});

Deno.test("a report of several runs and a study has a heading and charts for each", async () => {
  const { document } = await page({
    title: "Two",
    runs: [{ name: "one", record }, { name: "other", record: bare }],
    study: { results: [{ settings: { lambda: "1" }, psnr: 30, record }] },
  });
  const headings = [...document.querySelectorAll("h2")].map(({ textContent }) => textContent);
  assert.deepEqual(headings, ["Study", "one", "other"]);
  const ids = idsOf(document);
  assert.deepEqual(ids, [
    "study",
    "curves",
    "study-bands",
    ...CHARTS.map((name) => `${name}-1`),
    "rules-2",
    "norms-2",
  ]);
  assert.equal(new Set(ids).size, ids.length);
});

Deno.test("a report loads nothing from the internet, and its policy forbids it", async () => {
  const { own, document } = await page({ title: "Alone", runs: [{ record }] });
  assert.doesNotMatch(own, /https?:\/\//);
  for (const element of document.querySelectorAll("[src], [href]")) {
    assert.match(element.getAttribute("src") ?? element.getAttribute("href"), /^data:/);
  }
  const policy = document.querySelector("meta[http-equiv]").content;
  assert.match(
    policy,
    /^default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src /,
  );
});

Deno.test("a report's policy allows the scripts it has and no other", async () => {
  const { html, document } = await page({ title: "Alone" });
  const allowed = document.querySelector("meta[http-equiv]").content.split("script-src ")[1].split(
    " ",
  );
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text!);
  assert.equal(scripts.length, 2);
  const hashes = await Promise.all(scripts.map(async (text) => {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return `'sha256-${new Uint8Array(digest).toBase64()}'`;
  }));
  assert.deepEqual(allowed, hashes);
});

Deno.test("a report's elements are all closed, in order", async () => {
  const { own } = await page({ title: "Formed", runs: [{ record }] });
  const markup = own.replaceAll(/<(script|style)\b[^>]*>[\s\S]*?<\/\1>/g, "");
  const open: string[] = [];
  for (const [, slash, name] of markup.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^<>]*>/g)) {
    if (["meta", "img", "input"].includes(name!)) continue;
    if (slash) assert.equal(open.pop(), name);
    else open.push(name!);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(markup.replaceAll(/<!DOCTYPE html>|<\/?[a-z][^<>]*>/g, ""), /[<>]/);
});

Deno.test("a report shows any input as text", async () => {
  const evil = `</script><script>alert(1)</script><img src=x onerror="alert(2)">'`;
  const { document, own } = await page({
    title: evil,
    runs: [{
      name: evil,
      record: {
        ...record,
        task: evil,
        settings: { ...record.settings, network: { [evil]: evil } },
        rules: record.rules.map((rule) => ({ ...rule, name: evil })),
        stop: { ...record.stop, rule: evil },
      },
    }],
    study: {
      results: [{ settings: { [evil]: "1" }, psnr: 30, record }],
      table: { header: [evil], rows: [[evil]] },
      pictures: [{ name: evil, note: evil, image: wave }],
    },
    command: evil,
  });
  assert.equal(document.querySelector("h1").textContent, evil);
  assert.equal(document.title, evil);
  assert.equal([...document.querySelectorAll("h2")].at(1).textContent, evil);
  assert.equal(document.querySelector("pre").textContent, evil);
  assert.equal(document.querySelectorAll("script:not([type])").length, 2);
  assert.equal(document.querySelectorAll("[onerror]").length, 0);
  assert.doesNotMatch(own, /<script>alert/);
});

Deno.test("a report compares the pictures, and measures them with a reference", async () => {
  const reference = wave,
    before = addGaussianNoise(reference, 0.2, 1),
    after = addGaussianNoise(reference, 0.05, 2);
  const { document } = await page({
    title: "Pictures",
    runs: [{ record, before, after, reference }],
  });
  const text = document.querySelector(".numbers").textContent;
  for (const [measure, digits] of [[psnr, 2], [ssim, 3]] as const) {
    assert.ok(text.includes(measure(after, reference).toFixed(digits)), text);
    assert.ok(text.includes(`from ${measure(before, reference).toFixed(digits)}`), text);
  }
  const images = [...document.querySelectorAll(".comparison img")];
  assert.equal(images.length, 2);
  assert.notEqual(images[0].src, images[1].src);
  const divider = document.querySelector(".comparison input");
  assert.deepEqual([divider.type, divider.value], ["range", "50"]);
  assert.ok(divider.getAttribute("aria-label"));
});

Deno.test("a report of a study has its table, and shows the bands without a reference", async () => {
  const { averagePsnr: _, psnr: __, ...series } = record.series;
  const { document } = await page({
    title: "Study",
    study: {
      results: [{ settings: { lambda: "1" }, psnr: null, record: { series } }],
      table: { header: ["lambda", "H <lowest>"], rows: [["1", "0.5 ± 0.1"]] },
    },
  });
  assert.deepEqual(idsOf(document), ["study-bands"]);
  const cells = [...document.querySelectorAll("th, td")].map(({ textContent }) => textContent);
  assert.deepEqual(cells, ["lambda", "H <lowest>", "1", "0.5 ± 0.1"]);
});

Deno.test("a report of a study has its pictures side by side, and the PSNR before as a line", async () => {
  const { document } = await page({
    title: "Study",
    study: {
      results: [{ settings: { lambda: "1" }, psnr: 30, record }],
      pictures: [{ name: "before", note: "20.25 dB", image: wave }, { name: "λ 1", image: wave }],
      noisyPsnr: 20.25,
    },
  });
  const captions = [...document.querySelectorAll(".gallery figcaption")];
  assert.deepEqual(captions.map(({ textContent }) => textContent), ["before20.25 dB", "λ 1"]);
  for (const id of ["study", "curves"]) {
    const { data, layout } = JSON.parse(document.querySelector(`#${id} + script`).textContent);
    assert.deepEqual([layout.shapes[0].y0, layout.shapes[0].y1], [20.25, 20.25]);
    // One seed has no spread.
    assert.equal(data[0].error_y, undefined);
  }
});

Deno.test("a report ends with the command line that reproduces it", async () => {
  const command = "deno task denoise 'my photo.png' --seed 3";
  const { document } = await page({ title: "Again", runs: [{ record }], command });
  assert.equal([...document.querySelectorAll("section")].at(-1).textContent, `Again${command}`);
});

Deno.test("a report's tables are scrolled alone where the page is narrow", async () => {
  const { document } = await page({ title: "Tables", runs: [{ record }] });
  for (const table of document.querySelectorAll("table")) {
    assert.ok(table.closest(".scroll[tabindex]"), table.outerHTML.slice(0, 80));
  }
});

Deno.test("a report of a measurement has its pictures, numbers, bands and charts", async () => {
  const target = addGaussianNoise(wave, 0.2, 1), output = addGaussianNoise(wave, 0.05, 2);
  const channels = [
    { name: "luminance", correspondence: [0.75, null], gain: [0.5, null], coherence: [0.25, null] },
  ];
  const bands = { ranges: ["0-0.5", "0.5-1"], unit: "of half the width" };
  const measurement = { output, target, bands, channels };
  const bare = await page({ title: "Measured", measurement });
  assert.deepEqual(idsOf(bare.document), ["bands", "correlation", "power", "spectra"]);
  const rows = [...bare.document.querySelectorAll("tbody tr")].map(({ children }) =>
    [...children].map(({ textContent }) => textContent)
  );
  assert.deepEqual(rows, [["1", "0-0.5", "0.750", "0.500", "0.250"], ["2", "0.5-1", "", "", ""]]);
  const labels = [...bare.document.querySelectorAll("figcaption span")];
  assert.deepEqual(labels.map(({ textContent }) => textContent), ["target", "output"]);

  const account = errorDecomposition(wave, target)(output);
  const full = await page({
    title: "Measured",
    measurement: { ...measurement, reference: wave, account },
  });
  assert.deepEqual(idsOf(full.document).at(-1), "account");
  const tiles = full.document.querySelector(".numbers").textContent;
  assert.ok(tiles.includes(`${psnr(output, wave).toFixed(2)} dB`), tiles);
  assert.ok(tiles.includes(`from ${ssim(target, wave).toFixed(3)}`), tiles);
  const spectra = JSON.parse(full.document.querySelector("#spectra + script").textContent);
  assert.deepEqual(spectra.data.slice(0, 3).map(({ name }: { name: string }) => name), [
    "output",
    "target",
    "reference",
  ]);
});

Deno.test("a report explains why the run ended", async () => {
  const ending = async (stop: Partial<typeof record.stop>, events = record.events) => {
    const run = { record: { ...record, events, stop: { ...record.stop, ...stop } } };
    return (await page({ title: "End", runs: [run] })).document.querySelector("section p")
      .textContent;
  };
  assert.equal(
    await ending({}),
    "The rule emv ended the run after 4 iterations. The picture is that of iteration 3, chosen by emv.",
  );
  assert.match(await ending({ reason: "iterations" }), /^The run made all of its 4 iterations\./);
  assert.match(
    await ending({ reason: "aborted" }),
    /^The run was interrupted after 4 iterations\./,
  );
  assert.match(await ending({ reason: "aborted", best: 0 }), /No iteration was good/);
  const failure = { iteration: 4, kind: "failure", message: "out of <memory>" } as const;
  assert.match(await ending({ reason: "failed" }, [failure]), /4 iterations: out of <memory>\./);
  const divergence = { iteration: 2, kind: "divergence", message: "" } as const;
  assert.match(await ending({ reason: "diverged" }, [divergence, divergence]), /diverged 2 times/);
});

Deno.test("a report lists all settings by their path", async () => {
  const { document } = await page({ title: "Settings", runs: [{ record }] });
  const rows = [...document.querySelectorAll(".settings tr")].map(({ children }) =>
    [...children].map(({ textContent }) => textContent)
  );
  const settings = Object.fromEntries(rows);
  assert.equal(settings["network.upsampling.kind"], "bilinear");
  assert.equal(settings["network.channels"], "16, 8");
  assert.equal(settings["noise"], "σ 25.5 of 255, estimated");
  assert.equal(settings["picture"], "8 × 6, colour");
  assert.equal(settings["version.tfjs"], "4.22.0");
});

Deno.test("writeReport() replaces a file by the whole page", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "report.html");
    await Deno.writeTextFile(path, "old");
    await writeReport(path, { title: "New" });
    assert.equal(await Deno.readTextFile(path), await reportHtml({ title: "New" }));
    assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), [
      "report.html",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
