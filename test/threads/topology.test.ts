/** A topology of the user's own: loaded before threads start, the same graph on all of them, and part of what a history rests on. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type ExperimentInput, replay, simulate, train } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const file = join(folder, 'path.mjs');
const path = 'export default function* (options, { nodes }) { for (let a = 1; a < nodes; a++) yield [a - 1, a]; }\n';
writeFileSync(file, path);
const edges = join(folder, 'path.edges');
writeFileSync(edges, '0 1\n1 2\n2 3\n3 4\n4 5\n');

const small: ExperimentInput = {
  data: 'digits:600',
  model: 'softmax',
  nodes: 6,
  batch: 16,
  epochs: 1,
  kernels: 'simd',
  threads: 2,
};

test('a module and a file of the same edges give the same run', { timeout: 60_000 }, async () => {
  const own = await simulate({ ...small, topology: pathToFileURL(file), parallel: 'always' }).result;
  const listed = await simulate({ ...small, topology: edges }).result;
  assert.equal(own.done.parametersHash, listed.done.parametersHash);
  assert.equal(own.start.graph.edges, 5);
  assert.ok(Math.abs(own.start.graph.gap! - (2 - Math.sqrt(3))) < 1e-9, 'the gap of a path of six: 2 - 2 cos(pi / 6)');
});

test('a race over it is played again; not with another module of that name', { timeout: 60_000 }, async () => {
  const record = join(folder, 'run.hearsay');
  const { done } = await train({ ...small, topology: file }, { record }).result;
  const played = await replay(record, { threads: 1 }).result;
  assert.equal(played.parametersHash, done.parametersHash);
  writeFileSync(file, `${path}// changed\n`);
  await assert.rejects(replay(record, { threads: 1 }).result, { code: 'HISTORY_MISMATCH', message: /module of --topology/ });
});
