// A live Plotly chart in a page: its contents and its slider.
import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import { until } from "./_browser.ts";

/** The curves and pictures that a chart shows. */
const shownBy = (chart: Locator): Promise<string[]> =>
  chart.locator(".mlayer path, .mlayer image").evaluateAll((elements) =>
    elements.map(({ outerHTML }) => outerHTML)
  );

/** The middle of the slider's rail at a part of its length, in the window. */
async function onRail(chart: Locator, part: number): Promise<[x: number, y: number]> {
  const { x, y, width, height } = (await chart.locator(".slider-rail-rect").boundingBox())!;
  return [x + part * width, y + height / 2];
}

/** Drags the slider's grip, or taps where it shall be. */
async function moveTo(page: Page, chart: Locator, part: number, touches: boolean): Promise<void> {
  const target = await onRail(chart, part);
  if (touches) return await page.touchscreen.tap(...target);
  const grip = (await chart.locator(".slider-grip-rect").boundingBox())!;
  await page.mouse.move(grip.x + grip.width / 2, grip.y + grip.height / 2);
  await page.mouse.down();
  await page.mouse.move(...target, { steps: 5 });
  await page.mouse.up();
}

/**
 * Moves a chart's slider to its first step and back to the last, and sees that the chart follows.
 *
 * @param page The page.
 * @param chart The chart, with a slider at its last step.
 * @param touches Whether it is a finger that moves it. @default {false}
 */
export async function checkSlider(page: Page, chart: Locator, touches = false): Promise<void> {
  await chart.locator(".slider-rail-rect").scrollIntoViewIfNeeded();
  await until(async () => (await shownBy(chart)).length > 0, "the chart is drawn");
  const last = await shownBy(chart);
  const label = chart.locator(".slider-label").first();
  const before = await label.textContent();
  const same = async () => (await shownBy(chart)).every((element, i) => element === last[i]);
  await moveTo(page, chart, 0, touches);
  await until(async () => await label.textContent() !== before, "the slider's label changes");
  await until(async () => !await same(), "the chart changes with its slider");
  await moveTo(page, chart, 1, touches);
  await until(async () => await label.textContent() === before, "the slider goes back");
  await until(same, "the chart goes back with its slider");
}

/**
 * Steps through a chart with the keyboard alone.
 *
 * @param chart The chart, with a slider at its last step.
 * @param input What has the keyboard's focus.
 */
export async function checkKeys(chart: Locator, input: Locator): Promise<void> {
  const last = await shownBy(chart), value = () => input.getAttribute("aria-valuetext");
  const same = async () => (await shownBy(chart)).every((element, i) => element === last[i]);
  const label = chart.locator(".slider-label").first();
  await input.focus();
  for (const [away, back] of [["ArrowLeft", "ArrowRight"], ["Home", "End"]] as const) {
    const before = await value();
    await input.press(away);
    await until(async () => !await same(), `the chart changes by ${away}`);
    await until(async () => await value() !== before, "the input's value changes");
    assert.equal(await value(), await label.textContent());
    await input.press(back);
    await until(same, `the chart goes back by ${back}`);
    await until(async () => await value() === before, "the input's value goes back");
  }
}

/** Plays a chart and pauses it. */
export async function checkPlay(chart: Locator): Promise<void> {
  const [play, pause] = await chart.locator(".updatemenu-button").all();
  const label = chart.locator(".slider-label").first(), before = await label.textContent();
  await play!.click();
  await until(async () => await label.textContent() !== before, "the chart plays");
  await pause!.click();
}

/** Pixels by which boxes of text may overlap: lines are higher than their letters. */
const TOLERANCE = 3;

/** Boxes of text in the window. */
const boxesOf = (elements: Locator) =>
  elements.evaluateAll((all) =>
    all.map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { text: element.textContent as string, left, right, top, bottom };
    })
  );

/**
 * What of a chart cannot be read: text over other text, or cut off at the chart's edge or a legend's.
 *
 * @param chart The chart.
 * @returns One line a fault.
 */
export async function unreadable(chart: Locator): Promise<string[]> {
  const edges = await boxesOf(chart.locator(".svg-container"));
  const all = await boxesOf(chart.locator(".main-svg text"));
  const entries = await boxesOf(chart.locator(".legend text"));
  const legends = await boxesOf(chart.locator(".legend > .bg"));
  const texts = all.filter(({ text, left, right }) => text.trim() !== "" && right > left);
  type Box = typeof all[number];
  const isWithin = (inner: Box, outer: Box) =>
    inner.left > outer.left - TOLERANCE && inner.right < outer.right + TOLERANCE &&
    inner.top > outer.top - TOLERANCE && inner.bottom < outer.bottom + TOLERANCE;
  const isOver = (a: Box, b: Box) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > TOLERANCE &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > TOLERANCE;
  const cut = [
    ...texts.filter((text) => !edges.some((edge) => isWithin(text, edge))),
    ...entries.filter((entry) => !legends.some((legend) => isWithin(entry, legend))),
  ];
  return [
    ...cut.map(({ text }) => `"${text}" is cut off`),
    ...texts.flatMap((a, i) =>
      texts.slice(i + 1).filter((b) => isOver(a, b)).map((b) => `"${a.text}" is over "${b.text}"`)
    ),
  ];
}
