/** R16 says something only where there was a core for each thread, and then it can fail. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type ReproduceDone, reproduce } from '../../src/reproduce/run.js';
import { speedup } from '../../src/reproduce/speedup.js';
import type { Completed } from '../../src/threads/crowd.js';
import { play } from '../cli/stage.js';

const [configuration] = speedup({ rounds: 3, rows: 600, accuracy: 0.9, seconds: 1 }).configurations({ seed: 1, threads: 2 });

/** The rows, where two threads gain so much: to the target, in steps, and without exchange. */
function rows(sooner: number, faster: number, alone: number) {
  const run = (secondsToTarget: number | null, stepsPerSecond: number) =>
    ({ samples: [], done: { secondsToTarget, stepsPerSecond } }) as unknown as Completed;
  const round = [run(10, 100), run(10 / sooner, 100 * faster), run(null, 100), run(null, 100 * alone)];
  return configuration.read([...round, ...round, ...round]).rows;
}

test('where a second core was free, too small a gain is off, and a good one is not', () => {
  assert.ok(rows(1.7, 1.7, 1.9).every(({ passed }) => passed));
  const target = rows(0.928, 1.7, 1.9).filter(({ passed }) => !passed);
  assert.deepEqual(
    target.map(({ what }) => what),
    ['2 threads: speed-up of the time to the target'],
  );
  const costly = rows(1.5, 1.2, 1.9).filter(({ passed }) => !passed);
  assert.deepEqual(
    costly.map(({ what }) => what),
    ['2 threads: the same over that of nodes without exchange'],
  );
  assert.equal(rows(2.4, 2.4, 2).filter(({ passed }) => !passed).length, 2);
});

test('where none was, no row has a verdict, and says why', () => {
  const found = rows(0.928, 0.95, 1.2);
  assert.equal(found.length, 6);
  assert.ok(found.every(({ from, passed }) => from === 'none' && passed));
  assert.equal(found.filter(({ tolerance }) => tolerance === 'not judged: no second core was free').length, 3);
});

test('without a verdict nothing has passed: null, and people are told', { timeout: 60_000 }, async () => {
  const small = speedup({ rounds: 1, rows: 600, accuracy: 0.3, seconds: 0.1 });
  const done: ReproduceDone = (await reproduce(small, { seed: 1, threads: 1 }).result).done;
  assert.deepEqual([done.passed, done.stopReason], [null, 'end']);
  const out = mkdtempSync(join(tmpdir(), 'hearsay-speedup-'));
  after(() => rmSync(out, { recursive: true }));
  const { status, stdout } = await play(['reproduce', 'R16', '--threads', '1', '--out', out], {
    reproductions: [small],
  });
  assert.equal(status, 0);
  assert.match(stdout, /\n1 row, none of them judged; /);
});
