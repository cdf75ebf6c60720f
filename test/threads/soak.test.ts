/**
 * Live training for long, while threads are terminated throughout: after a forced collection neither memory nor handles grow. Half a
 * minute; with HEARSAY_LONG ten, as `HEARSAY_LONG=2 node --test dist/test/threads/soak.test.js`.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type * as Threads from '../../src/threads/train.js';
import { train } from '../../src/threads/train.js';
import { copyProgram } from '../support/mutant.js';
import { allServed, started } from '../support/ordeal.js';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

const isLong = Number(process.env.HEARSAY_LONG ?? 1) > 1;
const length = isLong ? 600 : 30;
const mib = 2 ** 20;

interface Look {
  readonly seconds: number;
  /** heapUsed + arrayBuffers after a collection, and resident memory, in bytes. */
  readonly kept: number;
  readonly resident: number;
  /** What keeps the process busy, by kind. */
  readonly handles: string;
}

/** Trains for so many seconds; each look comes after so many deaths, when all threads are at work again. */
async function soak(start: typeof Threads.train, seconds: number, pause: number): Promise<{ looks: Look[]; deaths: number }> {
  const began = performance.now();
  const run = start({
    ...{ data: 'digits:2000', model: 'mlp:64', nodes: 8, threads: 2, batch: 16, optimizer: 'sgd:rate=.05,momentum=.9' },
    ...{ kernels: 'simd', seconds: seconds + 60, evaluateEvery: `${seconds / 20}s` },
  });
  await started(run);
  const looks: Look[] = [];
  for (let k = 0; performance.now() - began < 1000 * seconds; k++) {
    await sleep(pause);
    await run.terminate(k % 2);
    if (k % 4 !== 3) continue;
    await allServed(run);
    collect();
    collect();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    const kinds = process.getActiveResourcesInfo().filter(kind => kind !== 'Timeout');
    const handles = [...new Set(kinds)]
      .sort()
      .map(kind => `${kind} ${kinds.filter(one => one === kind).length}`)
      .join(', ');
    looks.push({ seconds: (performance.now() - began) / 1000, kept: heapUsed + arrayBuffers, resident: rss, handles });
  }
  run.stop();
  const { done } = await run.result;
  return { looks, deaths: done.deaths };
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** Bytes by which the last quarter lies above the second: the first is for warming up. */
function growth(looks: readonly Look[]): number {
  const quarter = Math.floor(looks.length / 4);
  const kept = looks.map(look => look.kept);
  return median(kept.slice(-quarter)) - median(kept.slice(quarter, 2 * quarter));
}

/** MiB an hour, by least squares over all but the first quarter. */
function slope(looks: readonly Look[]): number {
  const later = looks.slice(looks.length >> 2);
  const mean = (of: (look: Look) => number) => later.reduce((sum, look) => sum + of(look), 0) / later.length;
  const [t, y] = [mean(look => look.seconds), mean(look => look.resident)];
  const over = mean(look => (look.seconds - t) * (look.resident - y)) / mean(look => (look.seconds - t) ** 2);
  return (3600 * over) / mib;
}

test(`${length} seconds of training while threads die: memory and handles do not grow`, {
  timeout: 1000 * (length + 120),
}, async t => {
  const { looks, deaths } = await soak(train, length, isLong ? 500 : 200);
  const resident = looks.map(look => look.resident / mib);
  t.diagnostic(
    `${deaths} deaths, ${looks.length} looks; kept ${(looks[0].kept / mib).toFixed(2)} MiB at first, growth ${(growth(looks) / 1024).toFixed(0)} KiB; resident ${Math.min(...resident).toFixed(0)} to ${Math.max(...resident).toFixed(0)} MiB, ${slope(looks).toFixed(1)} MiB an hour`,
  );
  t.diagnostic(looks.at(-1)!.handles);
  assert.ok(deaths >= length / 2);
  assert.ok(growth(looks) < mib, `${growth(looks)} bytes`);
  assert.deepEqual(new Set(looks.map(({ handles }) => handles)).size, 1, looks.map(({ handles }) => handles).join('\n'));
});

test('a supervisor that keeps something of each of its dead is caught by the same looks', { timeout: 60_000 }, async t => {
  const keeping = 'deaths++;\n(pool.dead ??= []).push(new Uint8Array(memory.buffer).slice(0, 2 ** 16));';
  const { folder, close } = copyProgram('mourner', [['threads/supervisor', 'deaths++;', keeping]]);
  t.after(close);
  const mutant: typeof Threads = await import(new URL('threads/train.js', folder).href);
  const { looks, deaths } = await soak(mutant.train, 8, 50);
  t.diagnostic(`${deaths} deaths, growth ${(growth(looks) / 1024).toFixed(0)} KiB`);
  assert.ok(growth(looks) > mib);
});
