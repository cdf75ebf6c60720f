/** What is wrong with a simulation is refused with its code, from code and by `hearsay simulate`, in one line, before anything happens. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { type ErrorCode, HearsayError } from '../../src/errors.js';
import { staleness } from '../../src/theory/staleness.js';
import { simulate, train } from '../../src/threads/train.js';
import { parseEdgeList } from '../../src/topology/edgelist.js';
import { play } from './stage.js';

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));

before(() => {
  process.chdir(folder);
  writeFileSync('split.edges', '0 1\n2 3\n');
  writeFileSync('zero.txt', '1\n0\n');
  writeFileSync('empty.txt', '# nothing\n');
  writeFileSync('far.txt', '0 crash 9\n');
  writeFileSync('back.txt', '5 crash 1\n1 crash 2\n');
  writeFileSync('never.mjs', 'export default () => ({ name: "never", ideal: false, delay: () => NaN });');
});

after(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

const base: ExperimentInput = { data: 'none', model: 'noise:4', batch: 1, nodes: 4, steps: 40, threads: 1 };

const rows: readonly (readonly [code: ErrorCode, input: ExperimentInput, message: RegExp])[] = [
  // clocks
  ...['exponential', 'constant', 'lognormal', 'pareto'].flatMap(law =>
    ['0', '-1', 'NaN'].map(
      mean => ['CONFIG_RANGE', { clock: `${law}:mean=${mean}` }, /mean: found '(0|-1|NaN)', allowed/] as const,
    ),
  ),
  ['CONFIG_RANGE', { clock: 'shifted:mu=0' }, /mu: found '0'/],
  ['CONFIG_RANGE', { clock: 'shifted:c=-1' }, /c: found '-1'/],
  ['CONFIG_RANGE', { clock: 'pareto:shape=0' }, /shape: found '0', allowed is a number above 1/],
  ['CONFIG_RANGE', { clock: 'lognormal:sigma=-1' }, /sigma: found '-1'/],
  ['CONFIG_UNKNOWN_KEY', { clock: 'exponential:rate=0' }, /no setting 'rate', known are mean/],
  ['CONFIG_RANGE', { clock: 'edge' }, /\| edges; did you mean edges\?/],
  ['CONFIG_RANGE', { clock: 'edges', nodes: 1 }, /1 node has none; use 2 nodes or more/],
  ['CONFIG_RANGE', { clock: 'edges', algorithm: 'local' }, /waits for all nodes/],
  ['CONFIG_RANGE', { clock: 'edges', speeds: 'uniform' }, /speeds uniform are of work that takes time; leave them out, or use/],
  ['CONFIG_RANGE', { clock: 'edges', link: 'delay:loss=1' }, /link delay:loss=1 would keep the ends of an edge apart/],
  ['CONFIG_RANGE', { clock: 'edges', churn: 'rates:join=1' }, /with churn rates:join=1 the graph would lose its edges/],
  ['DATA_CORRUPT', { clock: 'trace:zero.txt' }, /line 2: found '0'/],
  ['DATA_TOO_SMALL', { clock: 'trace:empty.txt' }, /found no number/],
  ['DATA_NOT_FOUND', { clock: 'trace:none.txt' }, /none\.txt/],
  // rates
  ...['0', '-1', 'NaN'].map(rate => ['CONFIG_RANGE', { algorithm: `gossip:rate=${rate}` }, /algorithm: gossip: rate/] as const),
  ['CONFIG_RANGE', { algorithm: 'timely:rate=0' }, /algorithm: timely: rate/],
  ['CONFIG_RANGE', { algorithm: 'timely:opportunistic=true,rate=-2' }, /algorithm: timely: rate/],
  ['CONFIG_RANGE', { algorithm: 'timely:steps=0' }, /algorithm: timely: steps/],
  // who takes part, and over what
  ['GRAPH_DISCONNECTED', { topology: './split.edges' }, /2 components of sizes 2, 2/],
  ['CONFIG_RANGE', { churn: 'rates:join=0,crash=0' }, /all rates 0/],
  ['CONFIG_RANGE', { churn: 'rates:crash=-1' }, /crash: found '-1'/],
  ['DATA_CORRUPT', { churn: 'trace:far.txt' }, /a node from 0 to 7/],
  ['DATA_CORRUPT', { churn: 'trace:back.txt' }, /a time from 5/],
  ['CONFIG_RANGE', { capacity: 2 }, /at least the 4 nodes/],
  ['CONFIG_RANGE', { speeds: 'uniform:spread=1' }, /spread: found '1'/],
  ['DATA_CORRUPT', { speeds: './zero.txt' }, /line 2: found '0'/],
  ['CONFIG_RANGE', { link: 'delay:mean=-1' }, /mean: found '-1'/],
  ['CONFIG_RANGE', { link: 'delay:loss=2' }, /loss: found '2'/],
  ['CONFIG_RANGE', { link: 'delay:law=pareto,shape=0' }, /shape: found '0'/],
  ['MODULE_INVALID', { link: './none.mjs' }, /can't be loaded/],
  // memory
  ['MEMORY_LIMIT', { nodes: 100_000, model: 'noise:20000' }, /100000 nodes x 20000 parameters need .* use at most \d+ nodes$/],
  ['CONFIG_RANGE', { slots: 8, algorithm: 'swarm' }, /slots: found 8, but algorithm swarm sends no messages; leave it out$/],
  ['MEMORY_LIMIT', { nodes: 4, slots: 10_000_000, model: 'noise:4000', algorithm: 'gossip' }, /use fewer slots$/],
];

/** Wrong only once the simulation goes on. */
const later: typeof rows = [
  [
    'SLOTS_EXHAUSTED',
    { slots: 2, algorithm: 'gossip:rate=50', link: 'delay:mean=5' },
    /all 2 slots are in flight at virtual second 0\.0\d+, sent by 4 nodes: give more with --slots: try 1190, or/,
  ],
  ['MODULE_INVALID', { link: './never.mjs' }, /delay\(\d, \d, 0, \d+\): found NaN, allowed is a finite number/],
];

const flagsOf = (input: ExperimentInput) => Object.entries(input).flatMap(([key, value]) => [`--${key}`, String(value)]);

for (const [code, wrong, message] of [...rows, ...later]) {
  const input: ExperimentInput = { ...base, ...wrong };
  test(`${flagsOf(wrong).join(' ')}: ${code}`, async () => {
    const isRefusal = (error: unknown) => {
      assert.ok(error instanceof HearsayError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.ok(!error.message.includes('\n'));
      return true;
    };
    await assert.rejects(async () => simulate(input).result, isRefusal);
    const { status, stdout, stderr } = await play(['simulate', ...flagsOf(input), '--json'], { trainer: train });
    assert.equal(status, 2);
    assert.match(stderr, new RegExp(`^hearsay: ${code}: [^\\n]{20,}\\n$`));
    assert.match(stderr.trimEnd(), message);
    if (!later.some(row => row[1] === wrong)) assert.equal(stdout, '', 'no event: nothing was started');
  });
}

test('the number of slots that an error tells to try is enough', async () => {
  const crowd: ExperimentInput = {
    ...base,
    steps: null,
    time: 60,
    algorithm: 'gossip:rate=20',
    link: 'delay:mean=2,law=exponential',
  };
  const reason = await simulate({ ...crowd, slots: 5 }).result.catch(({ message }: Error) => message);
  const slots = Number(/try (\d+)/.exec(String(reason))?.[1]);
  assert.ok(slots < 500, `${reason}`);
  assert.ok((await simulate({ ...crowd, slots }).result).done.exchanges > 4000);
});

test('slots that run out and a link that goes wrong end a simulation on several threads too', async () => {
  for (const [code, wrong] of later)
    await assert.rejects(simulate({ ...base, ...wrong, threads: 2, parallel: 'always' }).result, { code });
});

test('so many nodes as are said to fit in the memory do fit, with the queue and the messages of a simulation', async () => {
  const input: ExperimentInput = { ...base, model: 'noise:100000', algorithm: 'gossip', parallel: 'never', steps: 1 };
  const refused = simulate({ ...input, nodes: 20_000 }).result;
  const nodes = await refused.then(
    () => assert.fail('20,000 nodes fit'),
    error => Number(/use at most (\d+) nodes/.exec(error.message)![1]),
  );
  assert.ok(nodes > 500 && nodes < 8000, `${nodes}`);
  await assert.rejects(simulate({ ...input, nodes: Math.ceil(1.3 * nodes) }).result, { code: 'MEMORY_LIMIT' });
  const asked = Math.floor(0.02 * nodes); // not all of it: other tests need memory as well
  const { start } = await simulate({ ...input, nodes: asked }).result;
  assert.ok(start.memoryBytes < (2 ** 32 * asked) / nodes + 2 ** 25, `${start.memoryBytes} bytes for ${asked} nodes`);
});

test('a closed form of a graph in two parts is refused: what is stale there stays so', () => {
  const graph = parseEdgeList('0 1\n2 3', 'split', 4);
  for (const mix of ['push', 'pull', 'pairwise'] as const)
    assert.throws(() => staleness(graph, { mix, rate: 1 }, 1), { code: 'GRAPH_DISCONNECTED', message: /2 components/ });
});

test('train takes the options of virtual time with --deterministic, by flag and by file; without it, both say where they belong', async () => {
  writeFileSync('clock.json', '{"clock": "exponential:mean=2"}');
  for (const given of [
    ['--clock', 'exponential:mean=2'],
    ['--config', 'clock.json'],
  ]) {
    const { status, experiments } = await play(['train', '--deterministic', '--quiet', ...given]);
    assert.deepEqual([status, experiments[0].clock], [0, 'exponential:mean=2']);
    const refused = await play(['train', ...given]);
    assert.match(refused.stderr, /clock: found .* it belongs to virtual time; use hearsay simulate, or --deterministic\n$/);
  }
  const live = await play(['train', '--deterministic', '--seconds', '2']);
  assert.match(
    live.stderr,
    /--seconds: .*clock of the wall; write time instead, in virtual seconds, or train without deterministic\n$/,
  );
});

test('a link that throws is named itself', async () => {
  writeFileSync('broken.mjs', 'export default () => ({ name: "b", ideal: false, delay() { throw new Error("no way"); } });');
  await assert.rejects(simulate({ ...base, link: './broken.mjs' }).result, {
    code: 'MODEL_FAILED',
    message: /^link .*broken\.mjs: delay\(\d+, \d+, \d+, \d+\) threw: no way; seed 1$/,
  });
});
