/** What a node that is slowed tenfold costs the others: runs with and without one, in turns. */

import { type ExperimentInput, train } from '../src/index.js';
import { median, type Row } from './measure.js';

const seconds = Number(process.env.HEARSAY_BENCH_SECONDS ?? 4);
const rounds = 7;
const slow = 15;
const base: ExperimentInput = {
  ...{ data: 'digits:4000', model: 'mlp:128', nodes: 16, threads: 2, batch: 32, kernels: 'simd' },
  ...{ algorithm: 'swarm:steps=4', seconds, evaluateEvery: '1000s' },
};

interface Rates {
  /** Local steps a second: of all nodes but the slow one, and of the thread that does not serve it. */
  readonly others: number;
  readonly otherThread: number;
  /** Share of its time that the thread waited which waited longest. */
  readonly blocked: number;
}

async function run(factor?: number): Promise<Rates> {
  const going = train({ ...base, ...(factor !== undefined && { stragglers: [{ node: slow, factor }] }) });
  const { done } = await going.result;
  const { steps } = going.glance()!.nodes;
  return {
    others: (done.steps - steps[slow]) / done.seconds,
    otherThread: done.perThread[(slow + 1) % 2].steps / done.seconds,
    blocked: Math.max(...done.perThread.map(({ blocked }) => blocked / done.seconds)),
  };
}

const blocked = (name: string, rates: readonly Rates[]): Row => ({
  ...{ name, value: 100 * median(rates.map(one => one.blocked)), unit: '%' },
});

export async function slowed(): Promise<Row[]> {
  // With a factor of 1 nobody is slow, but differences are kept for each node in place of each thread, as they must be where one is.
  const factors = { none: undefined, once: 1, tenfold: 10 };
  const names = Object.keys(factors) as (keyof typeof factors)[];
  const rates: Record<keyof typeof factors, Rates[]> = { none: [], once: [], tenfold: [] };
  await run();
  for (let round = 0; round < rounds; round++) {
    // The order changes, so that what drifts does not count for one of them.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) rates[name].push(await run(factors[name]));
  }
  const row = (name: string, of: 'others' | 'otherThread', beside: keyof typeof factors, than: string, bar?: number): Row => ({
    ...{ name, value: median(rates.tenfold.map(rates => rates[of])), unit: 'steps/s', of: than, bar },
    ratio: median(rates.tenfold.map((one, k) => one[of] / rates[beside][k][of])),
  });
  return [
    row('the 15 others of a node slowed 10x', 'others', 'none', 'of a run without it', 0.98),
    row('the same', 'others', 'once', 'of one where it is slowed 1x'),
    row('the thread that does not serve it', 'otherThread', 'none', 'of a run without it'),
    row('the same', 'otherThread', 'once', 'of one where it is slowed 1x'),
    blocked('time blocked, the thread that waited longest', rates.tenfold),
    blocked('the same without a slow node', rates.none),
  ];
}
