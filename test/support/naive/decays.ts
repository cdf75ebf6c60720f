/**
 * What the naive simulation of compressed consensus comes to, for the table in src/reproduce/decays.ts, of which this program prints the
 * lines.
 */

import { fileURLToPath } from 'node:url';
import { type Decay, decays, rounds, setting } from '../../../src/reproduce/decays.js';
import { decay } from './choco.js';

/** Mean and deviation of log10 of what is left after some of the rounds, over the seeds 1 to `runs`. */
export function figures({ rule, share, gamma, runs }: Decay, looks: readonly number[] = rounds) {
  const { nodes, parameters } = setting;
  const found = Array.from({ length: runs }, (_, k) =>
    decay({ rule, nodes, parameters, kept: share * parameters, gamma, seed: k + 1 }, looks).map(Math.log10),
  );
  const mean = looks.map((_, t) => found.reduce((sum, run) => sum + run[t], 0) / runs);
  const deviation = mean.map((m, t) => Math.sqrt(found.reduce((sum, run) => sum + (run[t] - m) ** 2, 0) / (runs - 1)));
  const short = (value: number) => Number(value.toPrecision(5));
  return { mean: mean.map(short), deviation: deviation.map(short) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const line of decays) {
    const { mean, deviation } = figures(line);
    console.log(`${line.rule} ${line.share} ${line.gamma}: mean: [${mean.join(', ')}], deviation: [${deviation.join(', ')}],`);
  }
}
