/** Augmentation in whole runs: the same images for the same step, whoever does it and however often. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ExperimentInput, replay, simulate, train } from '../../src/index.js';
import { timeless } from '../support/timeless.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-augment-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'run.hearsay');

const augmented: ExperimentInput = {
  ...{ data: 'digits:600', model: 'mlp:16', nodes: 6, batch: 8, steps: 300, kernels: 'simd', augment: 'flip,crop:3' },
  ...{ algorithm: 'swarm:steps=4', threads: 2 },
};

test('a live run with augmentation comes to its own bits again, on 1 and 2 threads', { timeout: 120_000 }, async () => {
  const { done } = await train(augmented, { record: file }).result;
  for (const threads of [1, 2]) assert.equal((await replay(file, { threads }).result).parametersHash, done.parametersHash);
});

test('in virtual time, alone and in a pool, the bits are the same, and not those of plain images', {
  timeout: 120_000,
}, async () => {
  const alone = await simulate({ ...augmented, parallel: 'never' }).result;
  const pool = await simulate({ ...augmented, parallel: 'always' }).result;
  assert.deepEqual(timeless(pool), timeless(alone));
  const hashes = await Promise.all(
    [{}, { augment: 'none' }, { augment: 'flip' }, { augment: 'crop:3' }, { seed: 2 }].map(
      async change => (await simulate({ ...augmented, parallel: 'never', ...change }).result).done.parametersHash,
    ),
  );
  assert.equal(hashes[0], alone.done.parametersHash);
  assert.equal(new Set(hashes).size, hashes.length);
});

test('data that are no images are refused before a thread starts', async () => {
  const refused = { code: 'CONFIG_RANGE', message: /^augment: 'flip' needs images .* found inputs of shape 10; leave it out/ };
  await assert.rejects(train({ data: 'synthetic', model: 'linear', augment: 'flip' }).result, refused);
  await assert.rejects(async () => train({ augment: 'flop' }).result, {
    code: 'CONFIG_RANGE',
    message: /allowed is none \| flip/,
  });
});
