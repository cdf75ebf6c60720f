/** Histories from one version of Node, played on others: other engines, other compilers of WebAssembly, the same bits. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

const main = resolve('dist/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const long = process.env.HEARSAY_LONG ? false : 'it fetches other versions of Node; set HEARSAY_LONG to run it';

const rough = ['--churn', 'rates:join=.1,leave=.1,crash=.1', '--link', 'delay:mean=0.3,law=exponential'];
const table = ['--data', 'synthetic:rows=500,test=50', '--model', 'mlp:16,tanh', '--batch', '4', '--nodes', '8'];
const runs = [
  ['train', '--data', 'digits:1000', '--model', 'mlp:16', '--nodes', '6', '--epochs', '2'],
  ['simulate', ...table, ...rough, '--steps', '4000', '--evaluate-every', '500'],
  ['simulate', ...table, '--algorithm', 'gossip:rate=1', '--steps', '2000'],
];

/** The last of the lines of JSON that a command prints. */
function last(program: string, words: readonly string[]): Record<string, unknown> {
  const { stdout, stderr, status } = spawnSync(program, words, { encoding: 'utf8', timeout: 240_000 });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
}

test('histories of simd play to their own hashes on Node 22 and 24', { skip: long, timeout: 900_000 }, context => {
  const histories = runs.map((words, k) => {
    const file = join(folder, `run-${k}`);
    const { parametersHash } = last(process.execPath, [main, ...words, '--kernels', 'simd', '--record', file, '--json']);
    return { file, parametersHash };
  });
  for (const major of [22, 24]) {
    const fetched = spawnSync('npx', ['-y', `node@${major}`, '--version'], { encoding: 'utf8', timeout: 240_000 });
    if (fetched.status !== 0)
      return context.skip(`Node ${major} can't be had from the npm registry: ${fetched.stderr.split('\n')[0]}`);
    for (const { file, parametersHash } of histories) {
      const done = last('npx', ['-y', `node@${major}`, main, 'replay', file, '--threads', '2', '--json']);
      assert.equal(done.parametersHash, parametersHash);
      assert.equal((done.versions as { node: string }).node, fetched.stdout.trim().slice(1));
    }
  }
});
