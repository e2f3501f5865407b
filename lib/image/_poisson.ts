// Draws whole numbers from a Poisson distribution.
import type { Random } from "../random/mod.ts";

/** A Poisson number of mean `mean`, which is finite and not negative. */
export function poisson(random: Random, mean: number): number {
  return mean < 10 ? byMultiplication(random, mean) : byRejection(random, mean);
}

/** Counts how many uniform factors it takes to fall below exp(-mean) (Knuth); time grows with it. */
function byMultiplication({ uniform }: Random, mean: number): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = uniform(); product > limit; product *= uniform()) count++;
  return count;
}

/** Hörmann's transformed rejection with squeeze (1993, algorithm PTRS), for means from 10. */
function byRejection({ uniform }: Random, mean: number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const accepted = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const u = uniform() - 0.5;
    const v = 1 - uniform();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= accepted) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const logDensity = k * Math.log(mean) - mean - logFactorial(k);
    if (Math.log(v * inverseAlpha / (a / (us * us) + b)) <= logDensity) return k;
  }
}

/** log(n!), by Stirling's series from 10 on, where its error is below 1e-9. */
function logFactorial(n: number): number {
  if (n < 10) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  const series = 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
  return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + series;
}
