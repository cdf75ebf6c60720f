/**
 * Ctrl-C in real processes. The first finishes the step in hand, saves and reports, within two seconds; the second ends threads that do not
 * listen, and what they had committed is saved all the same. HEARSAY_LONG: ten times, at other moments.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { resume } from '../../src/index.js';
import { source, uniform } from '../../src/random.js';
import { readCheckpoint } from '../../src/threads/checkpointfile.js';

const main = resolve('dist/src/cli/main.js');
const root = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(root, { recursive: true }));
const fresh = () => join(mkdtempSync(join(root, 'run-')), 'out');
const times = Number(process.env.HEARSAY_LONG ?? 1) > 1 ? 10 : 1;
const random = source(1, 'stopping');

/** Starts a run and sends a SIGINT so many milliseconds after its first event, and then after each signal. */
async function interrupted(words: readonly string[], ...waits: readonly number[]) {
  const child = spawn(process.execPath, [main, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  const late = setTimeout(() => child.kill('SIGKILL'), 25_000);
  process.on('exit', () => child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', part => (stdout += part));
  const trains = new Promise<void>(seen =>
    child.stderr.on('data', part => {
      stderr += part;
      if (/ nodes on \d+ thread/.test(stderr)) seen();
    }),
  );
  const ended = new Promise<number | null>(done => child.on('close', done));
  await Promise.race([trains, ended]);
  let asked = 0;
  for (const wait of waits) {
    await sleep(wait);
    asked = performance.now();
    child.kill('SIGINT');
  }
  const status = await ended;
  clearTimeout(late);
  return { status, stdout, stderr, seconds: (performance.now() - asked) / 1000 };
}

for (const command of ['train', 'simulate']) {
  test(`${command}: Ctrl-C ends the default job within two seconds, saved, with its report, and status 130`, {
    timeout: 30_000 * times,
  }, async t => {
    const took: number[] = [];
    for (let k = 0; k < times; k++) {
      const out = fresh();
      const { status, stdout, stderr, seconds } = await interrupted(
        [command, '--epochs', '500', '--out', out],
        2000 * uniform(random, k, 0),
      );
      assert.equal(status, 130, stderr);
      took.push(seconds);
      assert.match(stdout, /stopped by hand/);
      assert.match(stdout, new RegExp(`hearsay train --resume ${out}`));
      for (const file of ['report.html', 'model.safetensors', 'manifest.json']) assert.ok(existsSync(join(out, file)), file);
      assert.ok((await readCheckpoint(out)).head.steps >= 0);
    }
    t.diagnostic(`${command}: ${took.map(seconds => seconds.toFixed(2)).join(', ')} s`);
    assert.ok(
      took.every(seconds => seconds < 2),
      `${took} s`,
    );
  });
}

test('the second Ctrl-C ends at once what does not return; what was committed is saved, and goes on', {
  timeout: 60_000,
}, async t => {
  const out = fresh();
  const module = new URL('../support/endless.js', import.meta.url);
  const words = [
    ...['train', '--data', 'digits:600', '--model', `${module.href}:parameters=64`, '--algorithm', 'swarm:steps=1,weight=1'],
    ...[
      '--optimizer',
      'sgd:rate=1',
      '--batch',
      '1',
      '--nodes',
      '4',
      '--threads',
      '2',
      '--kernels',
      'simd',
      '--seconds',
      '600',
      '--out',
      out,
    ],
  ];
  const { status, stderr, stdout, seconds } = await interrupted(words, 1000, 500);
  assert.equal(status, 130, stderr);
  assert.match(stderr, /once more to end what does not stop\n[\s\S]*ending the threads where they are/);
  assert.match(stdout, /stopped by hand/);
  t.diagnostic(`${seconds.toFixed(2)} s after the second`);
  assert.ok(seconds < 2, `${seconds} s`);
  const { head } = await readCheckpoint(out);
  assert.ok(head.steps > 0, 'both threads have done a hundred steps');
  const { model, done } = await resume(out, { longer: { steps: head.steps + 20 } }).result;
  assert.ok(model.weights.every(value => value * 4 === done.steps));
});
