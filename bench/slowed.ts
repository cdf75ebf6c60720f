/** What a node that is slowed tenfold costs the others: runs with and without one, in turns. */

import { type ExperimentInput, train } from '../src/index.js';
import { median, type Row } from './measure.js';

const seconds = Number(process.env.HEARSAY_BENCH_SECONDS ?? 2);
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

async function run(factor: number): Promise<Rates> {
  const going = train({ ...base, ...(factor > 1 && { stragglers: [{ node: slow, factor }] }) });
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
  const [plain, held]: [Rates[], Rates[]] = [[], []];
  await run(1);
  for (let round = 0; round < rounds; round++) {
    // The order changes, so that what drifts does not count for one of them.
    for (const isHeld of round % 2 === 0 ? [false, true] : [true, false])
      (isHeld ? held : plain).push(await run(isHeld ? 10 : 1));
  }
  const row = (name: string, of: 'others' | 'otherThread', bar?: number): Row => ({
    ...{ name, value: median(held.map(rates => rates[of])), unit: 'steps/s', of: 'of a run without it', bar },
    ratio: median(held.map((rates, k) => rates[of] / plain[k][of])),
  });
  return [
    row('the 15 others of a node slowed 10x', 'others', 0.98),
    row('the thread that does not serve it', 'otherThread'),
    blocked('time blocked, the thread that waited longest', held),
    blocked('the same without a slow node', plain),
  ];
}
