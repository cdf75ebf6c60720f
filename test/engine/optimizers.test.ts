/** Optimizers in runs: they learn, on any number of threads alike, and what does not go together is refused before a thread starts. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ExperimentInput } from '../../src/engine/experiment.js';
import { simulate, train } from '../../src/threads/train.js';

const folder = mkdtempSync(join(tmpdir(), 'optimizers-'));
after(() => rmSync(folder, { recursive: true }));

const digits: ExperimentInput = {
  ...{ data: 'digits:1000', model: 'mlp:12', nodes: 4, epochs: 10, batch: 16, algorithm: 'swarm:steps=2', evaluate: 'full' },
};
const optimizers = ['adam:rate=.005', 'adamw:rate=.005', 'rmsprop', 'adagrad', 'lamb', 'sgd:rate=.5,clip=1'];

for (const optimizer of optimizers) {
  test(`${optimizer} loses half of its loss, and has the same bytes on 1, 2 and 4 threads`, { timeout: 60_000 }, async () => {
    const hashes = new Set<string>();
    for (const threads of [1, 2, 4]) {
      const { done, samples } = await simulate({ ...digits, optimizer, threads, parallel: threads > 1 ? 'always' : 'never' })
        .result;
      assert.ok(done.loss < samples[0].loss / 2, `${done.loss} of ${samples[0].loss}`);
      hashes.add(JSON.stringify([done.parametersHash, done.planeHashes]));
    }
    assert.equal(hashes.size, 1);
  });
}

test('a newcomer in a row that was used before begins the count of its steps again, as its state does', async () => {
  const trace = join(folder, 'again.txt');
  writeFileSync(trace, '10.5 crash 1\n20.5 join 1\n');
  // Steps of both unknowns towards where they belong, the first of a state at rate 1, others at almost none. The first goes from (0, 0) to
  // (0, 1) in x and theta; a newcomer's own first takes x to 1 too.
  const { done } = await simulate({
    ...{ data: 'none', model: 'coupled:1,variance=0', nodes: 2, batch: 1, algorithm: 'none', clock: 'constant:mean=1' },
    ...{ churn: `trace:${trace}`, capacity: 2, time: 30, parallel: 'never' },
    optimizer: 'sgd:rate=1,schedule=step,every=1,factor=1e-9',
  }).result;
  assert.ok(Math.abs(done.loss - 1 / 8) < 1e-6, `x is 0 and 1, their mean's loss 1/8: ${done.loss}`);
});

const unfit: [algorithm: string, optimizer: string, message: RegExp][] = [
  ['savic', 'adam', /savic: found rule=adam with --optimizer adam.*sgd:rate=R/],
  ['savic:rule=oasis', 'lamb', /found rule=oasis/],
  ['choco:quasi=0.5', 'adamw', /found quasi=0.5/],
  ['adagossip:quasi=0.5', 'rmsprop', /found quasi=0.5/],
];

for (const [algorithm, optimizer, message] of unfit) {
  test(`${algorithm} with ${optimizer} is refused`, async () => {
    for (const run of [train, simulate])
      await assert.rejects(run({ ...digits, algorithm, optimizer }).result, (error: Error & { code: string }) => {
        assert.equal(error.code, 'CONFIG_RANGE');
        assert.match(error.message, message);
        return !error.message.includes('\n');
      });
  });
}

test('cdsa with a ratio and an optimizer that divides it out is refused', async () => {
  const input = { data: 'none', model: 'coupled:3', nodes: 3, algorithm: 'cdsa:ratio=2', optimizer: 'adagrad', steps: 30 };
  await assert.rejects(train(input).result, { code: 'CONFIG_RANGE', message: /found ratio=2 with --optimizer adagrad/ });
});

for (const algorithm of ['savic:rule=identity', 'choco', 'adagossip', 'stardust:momentum=.5', 'draco', 'cdsa'])
  test(`${algorithm} runs with adam, live too`, { timeout: 60_000 }, async () => {
    const { done } = await train({ ...digits, algorithm, optimizer: 'adam:rate=.002', threads: 2, epochs: 1 }).result;
    assert.ok(done.steps > 0);
  });
