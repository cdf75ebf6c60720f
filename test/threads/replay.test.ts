/** Real races, recorded, and played again on other numbers of threads: to the same bits, or to an error that says why not. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { replay } from '../../src/threads/replay.js';
import { simulate, train } from '../../src/threads/train.js';
import { cases } from '../support/cases.js';
import { liveExperiment, virtualExperiment } from '../support/experiments.js';
import { assembled, parsed } from '../support/histories.js';
import { timeless } from '../support/timeless.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'run.hearsay');

test('any live run on two threads comes to its own bits again, on 1, 2 and 4 threads', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(liveExperiment, async input => {
      const { done, samples } = await train({ ...input, threads: 2 }, { record: file }).result;
      for (const threads of [1, 2, 4]) {
        const running = replay(file, { threads });
        const checks = [];
        for await (const event of running) if (event.event === 'check') checks.push(event.steps);
        const played = await running.result;
        assert.equal(played.parametersHash, done.parametersHash, `${threads} threads`);
        assert.equal(played.stopReason, 'end');
        assert.deepEqual(checks, [...samples.map(({ steps }) => steps)]);
      }
    }),
    cases(6),
  );
});

test('quantized exchanges, live and in virtual time, come to the same bits and bytes on 1, 2 and 4 threads', {
  timeout: 600_000,
}, async () => {
  for (const form of ['bits=8', 'bits=8,rounding=stochastic,both=true', 'bits=5,rotation=true,order=commit,steps=geometric:3']) {
    const input = { data: 'digits:600', model: 'mlp:16', nodes: 6, batch: 8, algorithm: `swarm:${form}`, steps: 300 } as const;
    const { done } = await train({ ...input, threads: 2 }, { record: file }).result;
    assert.ok(done.quantizer!.plain < 60 && done.bytes > 0);
    for (const threads of [1, 2, 4]) {
      const played = await replay(file, { threads }).result;
      assert.equal(played.parametersHash, done.parametersHash, `${form} on ${threads} threads`);
    }
    const alone = await simulate({ ...input, parallel: 'never' }).result;
    for (const threads of [1, 2, 4]) {
      const pool = await simulate({ ...input, threads, parallel: 'always' }).result;
      assert.deepEqual(timeless(pool), timeless(alone), `${form} on ${threads} threads`);
    }
  }
});

test('any run in virtual time is the same on a thread of its own and on a pool of threads, and from its history', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(virtualExperiment, fc.integer({ min: 2, max: 4 }), async (input, threads) => {
      const alone = await simulate({ ...input, threads, parallel: 'never' }).result;
      const pool = await simulate({ ...input, threads, parallel: 'always' }, { record: file }).result;
      assert.deepEqual(timeless(pool), timeless(alone));
      const { parametersHash } = await replay(file, { threads }).result;
      assert.equal(parametersHash, alone.done.parametersHash);
    }),
    cases(5),
  );
});

test('a history that belongs to another experiment is refused, or ends at its first check, and no thread is left', {
  timeout: 60_000,
}, async () => {
  const input = { data: 'synthetic:rows=200,test=20', model: 'linear', nodes: 6, batch: 2, steps: 300, evaluateEvery: 100 };
  await train({ ...input, threads: 2 }, { record: file }).result;
  const whole = readFileSync(file);
  const changes: readonly [change: object, code: string, message: RegExp][] = [
    [{ optimizer: 'sgd:rate=0.11' }, 'HISTORY_MISMATCH', /they were right after op 0, so one of ops 1 to \d+ went another way/],
    [{ seed: 2 }, 'HISTORY_MISMATCH', /holds other data/],
    [{ data: 'synthetic:rows=201,test=20' }, 'HISTORY_MISMATCH', /holds other data/],
    [{ model: 'linear:bias=false' }, 'HISTORY_MISMATCH', /parameters/],
    [{ batch: 3 }, 'HISTORY_MISMATCH', /went another way/],
  ];
  for (const [change, code, message] of changes) {
    const { head, blocks } = parsed(whole);
    const experiment = { ...(head.experiment as object), ...change };
    writeFileSync(file, assembled({ head: { ...head, experiment }, blocks }));
    await assert.rejects(replay(file, { threads: 2 }).result, { code, message });
  }
});
