/** A node that is slowed tenfold: when its work lands, how stale it is then, who mixes with it meanwhile, and who waits for it. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Result, train } from '../../src/index.js';
import type { Piece } from '../support/paced.js';

const root = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(root, { recursive: true }));
const support = (name: string) => new URL(`../support/${name}.js`, import.meta.url).href;

const [nodes, threads, slow, factor, seconds] = [6, 2, 5, 10, 3];

/** A run of pieces that all take the same time on the clock. */
async function run(factor: number): Promise<{ result: Result; pieces: Piece[] }> {
  const folder = mkdtempSync(join(root, 'pieces-'));
  const result = await train({
    ...{ data: 'digits:1200', model: `${support('sleeper')}:milliseconds=3`, batch: 16, kernels: 'simd' },
    ...{ nodes, threads, algorithm: `${support('paced')}:folder=${folder}`, seconds, evaluateEvery: '100s', busy: 'wait' },
    stragglers: factor > 1 ? [{ node: slow, factor }] : [],
  }).result;
  const lines = readdirSync(folder).flatMap(name => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'));
  return { result, pieces: lines.map(line => JSON.parse(line)) };
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('its commits land ten normal wakes after their snapshots, its row is mixed meanwhile, and nobody waits', {
  timeout: 60_000,
}, async t => {
  const { result, pieces } = await run(factor);
  const own = pieces.filter(({ node }) => node === slow);
  const others = pieces.filter(({ node }) => node !== slow);
  const wake = mean(others.map(({ begun, finished }) => finished - begun));
  const ratio = mean(own.map(({ begun, finished }) => finished - begun)) / wake;
  // What others do with its row from a snapshot to the commit, against what they do in ten normal wakes at any time.
  const touching = others.filter(({ partner }) => partner === slow);
  const stale = mean(
    own.map(({ begun, finished }) => touching.filter(one => one.finished > begun && one.finished < finished).length),
  );
  const expected = (touching.length / seconds) * factor * wake;
  const all = mean(pieces.map(piece => pieces.filter(one => isBetween(one, piece)).length));
  t.diagnostic(
    `${own.length} commits, ${ratio.toFixed(2)} wakes of ${(1000 * wake).toFixed(2)} ms after their snapshots; ${stale.toFixed(2)} ops of others in between, expected ${expected.toFixed(2)}; of all nodes ${result.done.staleness.mean.toFixed(3)} said, ${all.toFixed(3)} counted`,
  );
  t.diagnostic(
    `blocked by thread: ${result.done.perThread.map(({ blocked }) => ((100 * blocked) / seconds).toFixed(2)).join(', ')} %`,
  );
  assert.ok(own.length > 40, `${own.length} commits`);
  assert.ok(Math.abs(ratio / factor - 1) < 0.1, `${ratio} wakes`);
  assert.ok(stale > 3 && Math.abs(stale / expected - 1) < 0.15, `${stale} ops in between, expected ${expected}`);
  assert.ok(Math.abs(result.done.staleness.mean / all - 1) < 0.1, 'what is said is what was counted');
  const plain = await run(1);
  const rest = plain.pieces.filter(({ node }) => node !== slow).length;
  const [free, before] = [result, plain.result].map(({ done }) => done.perThread[(slow + 1) % threads].steps);
  t.diagnostic(
    `steps of the others ${others.length}, without a slow node ${rest}; of the thread that does not serve it ${free}, ${before}`,
  );
  // Its thread goes on with the others: where it waited instead, they would lose a third.
  assert.ok(others.length > 0.98 * rest, `${others.length} steps of the others, ${rest} without a slow node`);
  assert.ok(free > 0.95 * before, `${free} steps of the other thread, ${before} without a slow node`);
  for (const { thread, blocked } of result.done.perThread) {
    assert.ok(blocked / seconds < 0.01, `thread ${thread} was blocked for ${blocked} of ${seconds} s`);
  }
});

/** An op of another node on the row of `piece` between its snapshot and its commit. */
function isBetween(one: Piece, { node, begun, finished }: Piece): boolean {
  return one.partner === node && one.node !== node && one.finished > begun && one.finished < finished;
}
