/**
 * R2: gossip at opportunity, when only the last user to update sends (Mitra and Ulukus, arXiv 2404.19749), or those who heard it first
 * (ASUMAN).
 */

import { readRate } from '../engine/rate.js';
import { completePassage } from '../theory/complete.js';
import { opportunisticStaleness } from '../theory/opportunistic.js';
import { ratioOf } from './measured.js';
import { averageAfter, everySeconds, nothing } from './nothing.js';
import { type Configuration, type Mark, measuredAt, type Reproduction } from './reproduction.js';
import { between, near, type Row } from './row.js';

export interface OpportunisticSizes {
  /** Users, where all of them update, and where one does. */
  readonly all: readonly number[];
  readonly one: readonly number[];
  /** Typical times of change that an average is taken over, and versions of a single source. */
  readonly times: number;
  readonly versions: number;
  /** Looks at the pairs at most. */
  readonly looks: number;
}

const sizes: OpportunisticSizes = { all: [10, 30, 100], one: [10, 100, 1000], times: 60, versions: 2000, looks: 8000 };

export function opportunistic({ all, one, times, versions, looks }: OpportunisticSizes = sizes): Reproduction {
  const most = all[all.length - 1];
  const cells = (relay: boolean, seed: number) =>
    all.flatMap(nodes => ['1', 'log', 'n'].map(rate => cell({ nodes, rate, relay, times, looks, seed, clock: poisson })));
  return {
    id: 'R2',
    about:
      'only the last user to update sends: bounded at rate n alone, unless what it passes on counts; and ASUMAN, O(1) for one source',
    notes: [
      'Complete graph, the whole network sends n x rate messages a second; a user makes one version a second, as a Poisson process.',
      'Expected (exact, our own derivation): (n-1) / rate when a message carries its own version alone, which is how the bound Omega(n) of the paper counts; H(n-1) / rate, as plain gossip, when it carries all versions.',
      'With updates of 0.5 s + an exponential of mean 0.5 s the same forms, which are exact for Poisson updates, are only near: they must hold within 5 %.',
      'One source: H(n-1) / rate for plain gossip (exact); ASUMAN must stay below its limit for many users, 1 / rate + 1 / (1 - E exp(-rate D)) (our own derivation; of the paper only O(1) is known).',
    ],
    charts: [
      {
        name: 'opportunistic',
        title: 'Only the last user to update sends',
        x: { label: 'users n', log: true },
        y: { label: 'mean versions behind', log: true },
        expected: 'exact',
      },
      {
        name: 'one-source',
        title: 'One source, rate 1',
        x: { label: 'users n', log: true },
        y: { label: 'mean versions behind' },
        expected: 'exact; limit of ASUMAN',
      },
    ],
    configurations: ({ seed }) => [
      ...cells(false, seed),
      ...cells(true, seed),
      ...[false, true].map(relay => cell({ nodes: all[1], rate: 'log', relay, times, looks, seed, clock: shifted })),
      ...one.flatMap(nodes => [false, true].map(asuman => oneSource(nodes, asuman, versions, looks / 2, seed))),
    ],
    conclude: marks => [
      ratio(marks, most),
      growth(marks, 'plain gossip', one, 0.6, 1.4),
      growth(marks, 'ASUMAN', one, null, 0.25),
    ],
  };
}

const poisson = 'exponential:mean=1';
const shifted = 'shifted:c=0.5,mu=2';

interface Cell {
  readonly nodes: number;
  readonly rate: string;
  readonly relay: boolean;
  readonly times: number;
  readonly looks: number;
  readonly seed: number;
  readonly clock: string;
}

function cell({ nodes, rate, relay, times, looks, seed, clock }: Cell): Configuration {
  const callRate = readRate(rate, nodes);
  const expected = opportunisticStaleness({ nodes, callRate, updateRate: 1, relay }).value;
  const time = times * Math.max(2, (relay ? 1000 : 500) / nodes, expected);
  const warmUp = 5 * Math.max(1, expected);
  const series = `${relay ? 'all versions' : 'own version'}, rate ${rate === 'log' ? 'ln n' : rate}`;
  const what = `${series}, n = ${nodes}${clock === shifted ? ', shifted updates' : ''}`;
  return {
    name: what,
    work: time * nodes * callRate,
    runs: [
      {
        ...nothing,
        ...{
          nodes,
          seed,
          clock,
          track: Math.min(nodes, 64),
          time: time + warmUp,
          evaluateEvery: everySeconds(time, expected, looks),
        },
        algorithm: `timely:steps=1,rate=${rate},opportunistic=true,relay=${relay}`,
      },
    ],
    read([run]) {
      const found = averageAfter(warmUp, run, ({ versions }) => versions!.mean);
      const mark = { chart: 'opportunistic', series, x: nodes, y: found.value, error: found.error, expected };
      return clock === poisson
        ? { rows: [near(what, found, expected, 0.05)], marks: [mark] }
        : { rows: [near(what, found, expected, 0.05, 'exact for Poisson, near here')], marks: [] };
    },
  };
}

/** User 0 alone updates; the others pass on. */
function oneSource(nodes: number, asuman: boolean, versions: number, looks: number, seed: number): Configuration {
  const silent = (Math.exp(-0.5) * 2) / 3; // E exp(-D): the source sends nothing during an update
  const expected = asuman ? 1 + 1 / (1 - silent) : completePassage(nodes, 1);
  const series = asuman ? 'ASUMAN' : 'plain gossip';
  const what = `one source, ${series}, n = ${nodes}`;
  const warmUp = 30;
  return {
    name: what,
    work: versions * nodes,
    runs: [
      {
        ...nothing,
        ...{ nodes, seed, track: 1, time: versions + warmUp, evaluateEvery: everySeconds(versions, 1, looks) },
        algorithm: `timely:steps=1,rate=1,sources=1${asuman ? ',opportunistic=asuman' : ''}`,
      },
    ],
    read([run]) {
      const found = averageAfter(warmUp, run, ({ versions }) => versions!.mean);
      const mark = { chart: 'one-source', series, x: nodes, y: found.value, error: found.error, expected };
      const row = asuman ? between(what, found, null, 1.05 * expected) : near(what, found, expected, 0.05);
      return { rows: [row], marks: [mark] };
    },
  };
}

/** The paper's gap at rate ln n: (n-1) / H(n-1), about 19 for n = 100. */
function ratio(marks: readonly Mark[], nodes: number): Row {
  const at = (series: string) => marks.find(mark => mark.series === `${series}, rate ln n` && mark.x === nodes)!;
  const [own, all] = [at('own version'), at('all versions')];
  const what = `own version / all versions, rate ln n, n = ${nodes}`;
  return near(what, ratioOf(measuredAt(own), measuredAt(all)), own.expected! / all.expected!, 0.05);
}

/** Staleness at the largest n less that at the smallest, for each factor e of n: 1 / rate where it grows like ln n, 0 where it is O(1). */
function growth(marks: readonly Mark[], series: string, nodes: readonly number[], low: number | null, high: number): Row {
  const points = marks.filter(mark => mark.series === series).sort((a, b) => a.x - b.x);
  const [first, last] = [points[0], points[points.length - 1]];
  const span = Math.log(last.x / first.x);
  const found = { value: (last.y - first.y) / span, error: Math.hypot(first.error!, last.error!) / span };
  return between(`one source, ${series}: growth from n = ${nodes[0]} to ${last.x} for each factor e of n`, found, low, high);
}
