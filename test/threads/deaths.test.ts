/** Threads that die at any instruction: no node, no step and no lock is lost, and the sum is exact. */

import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Result } from '../../src/index.js';
import type * as Threads from '../../src/threads/train.js';
import { train } from '../../src/threads/train.js';

const model = new URL('../support/counting.js', import.meta.url);
const parameters = 65536;
const deaths = Number(process.env.HEARSAY_LONG ?? 1) > 1 ? 400 : 100;

/** Runs sixteen counting nodes on three threads and terminates threads at random moments. */
async function ordeal(start: typeof Threads.train, count: number): Promise<{ result: Result; wrong: number }> {
  const run = start({
    data: 'digits:600',
    model: `${model.href}:parameters=${parameters}`,
    optimizer: 'sgd:rate=1',
    algorithm: 'swarm:steps=1,weight=1',
    nodes: 16,
    threads: 3,
    batch: 1,
    seconds: 600,
    evaluateEvery: '600s',
    kernels: 'simd',
  });
  let random = 12345;
  for await (const event of run) if (event.event === 'start') break;
  await sleep(300);
  for (let k = 0; k < count; k++) {
    random = (Math.imul(random, 1103515245) + 12345) >>> 0;
    await sleep((random >>> 16) % 8);
    await run.terminate(k % 3);
  }
  await sleep(50);
  run.stop();
  const result = await run.result;
  // The mean of sixteen rows, times sixteen: exact, as all numbers are small integers.
  let wrong = 0;
  for (const value of result.model.weights) if (value * 16 !== result.done.steps) wrong++;
  return { result, wrong };
}

test(`${deaths} deaths of threads leave every sum exact`, { timeout: 200_000 }, async () => {
  const { result, wrong } = await ordeal(train, deaths);
  assert.equal(wrong, 0, `${wrong} of ${parameters} sums are wrong`);
  assert.ok(result.done.deaths >= deaths * 0.9, `only ${result.done.deaths} deaths`);
  assert.ok(result.done.steps > deaths, 'the nodes were served on');
});

/** Rows written in place, with nothing to redo: what the intent and the turn-over are there to prevent. */
const inPlace: readonly [file: string, from: string, to: string][] = [
  ['engine/op.js', 'sideAddress(row, plane, 1)', 'sideAddress(row, plane, 0)'],
  ['engine/sides.js', 'plane.bit < 0 ? 0 : 1 << plane.bit', '0'],
  ['engine/intent.js', 'if (committed && !isDone)', 'if (false)'],
];

test('without the intent the same ordeal is caught', { timeout: 200_000 }, async () => {
  const folder = new URL('../../src-in-place/', import.meta.url);
  rmSync(folder, { recursive: true, force: true });
  cpSync(new URL('../../src/', import.meta.url), folder, { recursive: true });
  for (const [name, from, to] of inPlace) {
    const file = new URL(name, folder);
    const source = readFileSync(file, 'utf8');
    assert.equal(source.split(from).length, 2, `${from} stands once in ${name}`);
    writeFileSync(file, source.replace(from, to));
  }
  try {
    const mutant: typeof Threads = await import(new URL('threads/train.js', folder).href);
    let wrong = 0;
    for (let attempt = 0; attempt < 25 && wrong === 0; attempt++) wrong = (await ordeal(mutant.train, deaths / 5)).wrong;
    assert.ok(wrong > 0, `rows written in place lost nothing in ${5 * deaths} deaths`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
