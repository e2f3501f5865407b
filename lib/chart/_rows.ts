// Plots below each other that share an axis.

/**
 * Divides a chart's height.
 *
 * @param count How many plots there are.
 * @param height The height of one, in pixels.
 * @param gap The pixels between two.
 * @returns The height of all, and the part of it that each takes, from the top.
 */
export function rows(
  count: number,
  height: number,
  gap: number,
): { plot: number; domains: [number, number][] } {
  const plot = count * height + (count - 1) * gap;
  const domains = Array.from({ length: count }, (_, i): [number, number] => {
    const top = i * (height + gap);
    return [Math.max(1 - (top + height) / plot, 0), 1 - top / plot];
  });
  return { plot, domains };
}
