/**
 * Processes that are killed at moments drawn from a seed over the whole of their lives, most of which go by in writing checkpoints: what
 * is there afterwards is whole, and the next life goes on from it. Steps add 1 to every parameter and nodes swap (support/counting.ts),
 * so that after all of these lives each sum must be the number of steps, to the last unit.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { HearsayError, resume } from '../../src/index.js';
import { source, uniform } from '../../src/random.js';
import { readCheckpoint } from '../../src/threads/checkpointfile.js';
import { copyProgram, type Patch } from '../support/mutant.js';

const root = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(root, { recursive: true }));
const program = new URL('../../src/', import.meta.url);
const isLong = Number(process.env.HEARSAY_LONG ?? 1) > 1;

const nodes = 8;
const parameters = 65_536;
const counting = fileURLToPath(new URL('../support/counting.js', import.meta.url));
/** State of 4 MiB, kept every few steps: it is written nearly all the time. */
const words = [
  ...['--data', 'digits:600', '--model', `${counting}:parameters=${parameters}`, '--algorithm', 'swarm:steps=1,weight=1'],
  ...['--optimizer', 'sgd:rate=1', '--batch', '1', '--nodes', String(nodes), '--threads', '2', '--kernels', 'simd'],
  ...['--seconds', '600', '--evaluate-every', '600s'],
];

/** Milliseconds of a life after its first event; threads need some 200 of them to sit down. */
const longest = 800;

interface Chain {
  /** Whole checkpoints that were found, drafts that were being written, lives that went on from a checkpoint, steps at last. */
  readonly found: number;
  readonly drafts: number;
  readonly resumed: number;
  readonly steps: number;
}

/** `lives` processes, each killed, one after the other in one folder. Throws CHECKPOINT_CORRUPT for what one of them leaves. */
async function chain(folder: string, out: string, lives: number, seed: number): Promise<Chain> {
  const random = source(seed, 'kill');
  let [found, drafts, resumed, steps] = [0, 0, 0, 0];
  let start = 500;
  for (let life = 0; life < lives; life++) {
    const goesOn = steps > 0 ? ['--resume', out] : [...words, '--out', out];
    resumed += steps > 0 ? 1 : 0;
    start = await killed(join(folder, 'cli/main.js'), goesOn, event => {
      const when = uniform(random, life, 1);
      return uniform(random, life, 0) < 0.2 ? (event ? undefined : when * start) : event ? when * longest : undefined;
    });
    const kept = join(out, 'checkpoints');
    const files = existsSync(kept) ? readdirSync(kept).sort() : []; // it is made with the first
    drafts += files.filter(name => name.endsWith('.tmp')).length;
    const whole = files.filter(name => name.endsWith('.checkpoint'));
    assert.ok(whole.length <= 3, String(files));
    let last = 0;
    for (const name of whole) {
      const { head } = await readCheckpoint(join(kept, name));
      assert.ok(head.steps > last, 'later ones have come further');
      last = head.steps;
      found++;
    }
    assert.ok(last >= steps, `at step ${last}, and ${steps} were kept before`);
    steps = last;
  }
  return { found, drafts, resumed, steps };
}

/**
 * Kills a process `after` so many milliseconds from its begin (asked with false), or from its first event (with true): whichever it answers.
 * Returns the milliseconds to its first event, or to its end.
 */
async function killed(main: string, words: readonly string[], after: (event: boolean) => number | undefined): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [main, 'train', ...words, '--checkpoint-every', '20', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.on('exit', () => child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', part => (said += part));
  const ended = new Promise<NodeJS.Signals | null>(resolve => child.on('close', (_status, signal) => resolve(signal)));
  const first = new Promise<void>(resolve => child.stdout.once('data', () => resolve()));
  const early = after(false);
  if (early === undefined) {
    await Promise.race([first, ended]);
    const took = performance.now() - began;
    await Promise.race([sleep(after(true)!), ended]);
    child.kill('SIGKILL');
    assert.equal(await ended, 'SIGKILL', `it ended by itself: ${said}`);
    return took;
  }
  await sleep(early);
  child.kill('SIGKILL');
  assert.equal(await ended, 'SIGKILL', `it ended by itself: ${said}`);
  return performance.now() - began;
}

const [chains, lives] = isLong ? [2, 50] : [2, 13];

test(`kill -9 at ${chains * lives} random moments: every checkpoint is whole, and each life goes on from it`, {
  timeout: 400_000,
}, async t => {
  const outs = Array.from({ length: chains }, (_, k) => join(root, `chain-${k}`));
  const all = await Promise.all(outs.map((out, k) => chain(fileURLToPath(program), out, lives, k + 1)));
  const sum = (what: keyof Chain) => all.reduce((total, one) => total + one[what], 0);
  t.diagnostic(
    `${chains * lives} kills, ${sum('drafts')} in the middle of a draft; ${sum('found')} checkpoints found, all whole; ${sum('resumed')} lives went on; ${sum('steps')} steps`,
  );
  assert.ok(sum('drafts') >= 2, 'some are killed while they write');
  assert.ok(sum('resumed') >= 0.5 * chains * lives);
  for (const [k, out] of outs.entries()) {
    const { model, done } = await resume(out, { longer: { steps: all[k].steps + 1 }, checkpoints: { folder: out } }).result;
    assert.ok(done.steps > all[k].steps);
    let wrong = 0;
    for (const value of model.weights) if (value * nodes !== done.steps) wrong++;
    assert.equal(wrong, 0, `${wrong} of ${parameters} sums are wrong after all these lives`);
    assert.deepEqual(
      readdirSync(join(out, 'checkpoints')).filter(name => name.endsWith('.tmp')),
      [],
    );
  }
});

/** The file is written where it belongs, under its own name. */
const inPlace: readonly Patch[] = [
  ['threads/replacefile', "await open(draft, 'w')", "await open(path, 'w')"],
  ['threads/replacefile', 'await rename(draft, path);', ''],
];

test('written in place, one of them is found cut off', { timeout: 200_000 }, async t => {
  const { folder, close } = copyProgram('direct-write', inPlace);
  t.after(close);
  const isCorrupt = (error: unknown) => error instanceof HearsayError && error.code === 'CHECKPOINT_CORRUPT';
  await assert.rejects(chain(fileURLToPath(folder), join(root, 'direct'), 25, 1), isCorrupt);
});
