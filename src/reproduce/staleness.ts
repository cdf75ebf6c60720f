/** R1: how the staleness of gossip grows with the number of users, at rates 1, ln n and n (Mitra and Ulukus, arXiv 2404.19749). */

import { readRate } from '../engine/rate.js';
import { staleness as expectedStaleness } from '../theory/staleness.js';
import { topology } from '../topology/topology.js';
import { averageAfter, everySeconds, nothing } from './nothing.js';
import type { Configuration, Reproduction } from './reproduction.js';
import { near } from './row.js';

export interface StalenessSizes {
  readonly complete: readonly number[];
  readonly ring: readonly number[];
  /** At least so many versions of each followed user, and as many looks at the pairs at most. */
  readonly versions: number;
  readonly looks: number;
}

const sizes: StalenessSizes = { complete: [10, 30, 100, 300, 1000], ring: [10, 30, 100], versions: 100, looks: 10_000 };

/** Users whose versions are followed: all of a small network, fewer where that costs time. */
const followed = 64;

export function staleness({ complete, ring, versions, looks }: StalenessSizes = sizes): Reproduction {
  return {
    id: 'R1',
    about: 'staleness of gossip against the number of users n, at rates 1, ln n and n: ln n is what keeps it bounded',
    notes: [
      'One version a second of each user (updates of 0.5 s + an exponential of mean 0.5 s), one-way push to a uniform neighbour, complete graph and ring.',
      'Expected (exact): Lambda H(n-1) / rate on the complete graph, n Lambda / (2 rate) on the ring, derived from passage times; the paper states orders.',
      `Averages over at least ${versions} versions of each of up to ${followed} users, after three passage times of warm-up.`,
    ],
    charts: [
      {
        name: 'staleness',
        title: 'Staleness of gossip',
        x: { label: 'users n', log: true },
        y: { label: 'mean versions behind', log: true },
        expected: 'exact',
      },
    ],
    configurations: ({ seed }) => [
      ...complete.flatMap(nodes => ['1', 'log', 'n'].map(rate => cell('complete', nodes, rate, versions, looks, seed))),
      ...ring.map(nodes => cell('ring', nodes, '1', versions, looks, seed)),
    ],
  };
}

function cell(graph: string, nodes: number, rate: string, versions: number, looks: number, seed: number): Configuration {
  const frequency = readRate(rate, nodes);
  const expected = expectedStaleness(topology(graph, nodes, seed), { mix: 'push', rate: frequency }, 1).mean.value;
  // Lambda is 1: staleness is the mean passage time. A small network needs longer, as fewer pairs are averaged over.
  const time = Math.max(versions, (300 * versions) / nodes, 0.6 * versions * expected);
  const warmUp = 3 * expected;
  const series = `${graph}, rate ${rate === 'log' ? 'ln n' : rate}`;
  return {
    name: `${series}, n = ${nodes}`,
    work: time * nodes * frequency,
    runs: [
      {
        ...nothing,
        nodes,
        topology: graph,
        seed,
        algorithm: `timely:steps=1,rate=${rate}`,
        track: Math.min(nodes, followed),
        time: time + warmUp,
        evaluateEvery: everySeconds(time, expected, looks),
      },
    ],
    read([run]) {
      const found = averageAfter(warmUp, run, ({ versions }) => versions!.mean);
      return {
        rows: [near(`${series}, n = ${nodes}`, found, expected, 0.05)],
        marks: [{ chart: 'staleness', series, x: nodes, y: found.value, error: found.error, expected }],
      };
    },
  };
}
