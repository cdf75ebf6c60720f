/** Compressed messages with nothing to learn: how fast models that start apart come together, against a second simulation. */

import type { ExperimentInput } from '../engine/experiment.js';
import type { Completed } from '../threads/crowd.js';
import { type Decay, rounds, setting } from './decays.js';
import { average, meanOf, sure } from './measured.js';
import type { Configuration, Mark } from './reproduction.js';
import { agrees, between, type Row } from './row.js';

const scattered = new URL('./scattered.js', import.meta.url).href;
/** Standard errors of a difference that are allowed. */
export const errors = 4;
/** What a check value, of runs that are not known, may be off by. */
const factor = 3;
const last = rounds[rounds.length - 1];

const base: ExperimentInput = {
  ...{ data: 'none', model: `${scattered}:parameters=${setting.parameters}`, optimizer: 'sgd:rate=1', batch: 1, track: 0 },
  ...{ nodes: setting.nodes, topology: 'ring', clock: 'constant:mean=1' },
};

export function nameOf({ rule, share, gamma }: Pick<Decay, 'rule' | 'share' | 'gamma'>): string {
  return `${rule}, top ${100 * share} %, gamma ${gamma}`;
}

export function chartOf(share: number): string {
  return `consensus-${100 * share}`;
}

/** One line of the table: its runs, and with each one that stays where models start. */
export function consensus(line: Decay, count: number, first: number): Configuration {
  const algorithm = `${line.rule}:steps=1,compress=topk:${line.share},gamma=${line.gamma}`;
  // a look every 20 rounds, before the next is over: adagossip averages when that begins
  const together = { ...base, algorithm, time: last + 0.6, evaluateEvery: '20.01s' };
  const apart = { ...base, algorithm: 'none:steps=1', time: 1.5, evaluateEvery: '2s' };
  return {
    name: `consensus: ${nameOf(line)}`,
    work: line.rule === 'choco' ? 2 : 3,
    runs: Array.from({ length: count }, (_, k) => [together, apart].map(run => ({ ...run, seed: first + k }))).flat(),
    read(done) {
      const curves = Array.from({ length: count }, (_, k) => curveOf(done[2 * k], done[2 * k + 1].done.consensus));
      const rows = rounds.map((round, t) => {
        const error = line.deviation[t] * Math.sqrt(1 / count + 1 / line.runs);
        const check = line.check[t];
        return agrees(
          `${nameOf(line)}: log10 of Gamma / Gamma_0 after ${round} rounds`,
          meanOf(curves.map(curve => curve.get(round)!)),
          { value: line.mean[t], error },
          errors,
          check === null ? null : Math.log10(check),
        );
      });
      const marks = [...curves[0].keys()].map(round => {
        const y = 10 ** average(curves.map(curve => curve.get(round)!));
        return { chart: chartOf(line.share), series: nameOf(line), x: round, y };
      });
      return { rows, marks };
    },
  };
}

/** log10 of Gamma_t / Gamma_0 by round. */
function curveOf({ samples }: Completed, start: number): Map<number, number> {
  return new Map(
    samples
      .filter(({ virtual }) => virtual!.time >= 1)
      .map(({ virtual, consensus }) => [Math.floor(virtual!.time), Math.log10(consensus / start)]),
  );
}

/** What the table of the third program says: too large a gamma drives models apart, and how near they come otherwise. */
export function gathered(marks: readonly Mark[], lines: readonly Decay[]): Row[] {
  const at = (line: Decay, round: number) =>
    marks.find(({ chart, series, x }) => chart === chartOf(line.share) && series === nameOf(line) && x === round)!.y;
  const offs = lines.flatMap(line =>
    line.check.flatMap((check, t) => (check === null ? [] : [Math.abs(Math.log(at(line, rounds[t]) / check))])),
  );
  const growing = lines.filter(({ rule, check }) => rule === 'choco' && check.every(value => value === null));
  return [
    ...growing.map(line =>
      between(`${nameOf(line)}: Gamma after ${last} rounds, over that after 500`, sure(at(line, last) / at(line, 500)), 2, null),
    ),
    between(`largest factor between Gamma and a check value, of ${offs.length}`, sure(Math.exp(Math.max(...offs))), null, factor),
  ];
}
