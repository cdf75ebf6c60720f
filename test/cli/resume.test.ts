/** Runs of the command line that are stopped by Ctrl-C, or killed, and gone on with. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { readCheckpoint } from '../../src/threads/checkpointfile.js';
import { cases } from '../support/cases.js';

const main = resolve('dist/src/cli/main.js');
const root = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(root, { recursive: true }));
const fresh = () => join(mkdtempSync(join(root, 'run-')), 'out');

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', timeout: 60_000 });
  return { status, stdout, stderr };
}

const doneOf = (out: string) =>
  JSON.parse(
    readFileSync(join(out, 'metrics.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .filter(line => line.includes('"event":"done"'))
      .at(-1)!,
  );

/** Sends the signal when the run has said so many samples. Returns the exit status, and how long the end took, in seconds. */
async function stopped(words: readonly string[], signal: NodeJS.Signals, samples: number) {
  const child = spawn(process.execPath, [main, ...words, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  let seen = 0;
  let asked = 0;
  child.stdout.on('data', part => {
    seen += String(part).split('"event":"sample"').length - 1;
    if (asked === 0 && seen >= samples && child.kill(signal)) asked = performance.now();
  });
  const status = await new Promise<number | null>(done => child.on('close', done));
  clearTimeout(late);
  return { status, seconds: (performance.now() - asked) / 1000 };
}

const digits = ['--data', 'digits:1500', '--model', 'softmax', '--nodes', '8', '--evaluate-every', '100', '--seed', '5'];

test('Ctrl-C saves, and --resume goes on to the bits of a run that was never stopped', { timeout: 120_000 }, async () => {
  const words = [
    'simulate',
    ...digits,
    '--epochs',
    '40',
    '--churn',
    'rates:join=.1,leave=.1',
    '--parallel',
    'always',
    '--threads',
    '2',
  ];
  const [whole, out] = [fresh(), fresh()];
  assert.equal(run(...words, '--out', whole, '--quiet').status, 0);
  const { status, seconds } = await stopped([...words, '--out', out], 'SIGINT', 3);
  assert.equal(status, 130);
  assert.ok(seconds < 2, `${seconds} s`);
  const half = doneOf(out);
  assert.equal(half.stopReason, 'aborted');
  const rest = run('train', '--resume', out);
  assert.equal(rest.status, 0, rest.stderr);
  const [end, must] = [doneOf(out), doneOf(whole)];
  assert.equal(end.parametersHash, must.parametersHash);
  assert.deepEqual(end.virtual, must.virtual);
  assert.ok(end.steps > half.steps);
});

test('people are told how to go on', { timeout: 60_000 }, async () => {
  const out = fresh();
  const child = spawn(process.execPath, [main, 'train', ...digits, '--seconds', '60', '--threads', '2', '--out', out]);
  let text = '';
  child.stdout.on('data', part => {
    text += part;
  });
  let asked = false;
  child.stderr.on('data', part => {
    if (!asked && String(part).includes('epoch')) asked = child.kill('SIGINT');
  });
  const status = await new Promise(done => child.on('close', done));
  assert.equal(status, 130);
  assert.match(text, new RegExp(`hearsay train --resume ${out}`));
  const more = run('train', '--resume', out, '--seconds', '61', '--steps', '1');
  assert.equal(more.status, 2); // two limits
  assert.equal(run('train', '--resume', out, '--steps', '1').status, 0);
});

test('kill -9 at any moment leaves a whole checkpoint, which goes on', { timeout: 300_000 }, async t => {
  const { numRuns } = cases(5);
  let found = 0;
  for (let k = 0; k < numRuns; k++) {
    const out = fresh();
    const words = ['train', ...digits, '--seconds', '60', '--threads', '2', '--checkpoint-every', '50', '--out', out];
    await stopped(words, 'SIGKILL', 2 + (k % 4));
    const files = readdirSync(join(out, 'checkpoints')).filter(name => name.endsWith('.checkpoint'));
    assert.ok(files.length >= 1 && files.length <= 3, String(files));
    for (const name of files) {
      await readCheckpoint(join(out, 'checkpoints', name));
      found++;
    }
    const rest = run('train', '--resume', out, '--steps', '1', '--quiet');
    assert.equal(rest.status, 0, rest.stderr);
    assert.deepEqual(
      readdirSync(join(out, 'checkpoints')).filter(name => name.endsWith('.tmp')),
      [],
    );
  }
  t.diagnostic(`${numRuns} kills, ${found} checkpoints, all whole`);
});

for (const [words, code, named] of [
  [['--resume', 'nowhere'], 'DATA_NOT_FOUND', 'nowhere'],
  [['--resume', 'nowhere', '--nodes', '3'], 'CONFIG_RANGE', '--nodes'],
  [['--resume', 'nowhere', '--repeats', '3'], 'CONFIG_RANGE', '--repeats'],
  [['--resume', 'nowhere', '--record', 'x'], 'CONFIG_RANGE', '--record'],
  [['--checkpoint-every', '5s'], 'CONFIG_MISSING', '--out'],
  [['--checkpoint-every', '0', '--out', join(root, 'never')], 'CONFIG_RANGE', '--checkpoint-every'],
  [['--checkpoint-every', '1.5', '--out', join(root, 'never')], 'CONFIG_RANGE', '--checkpoint-every'],
  [['--checkpoint-every', 'often', '--out', join(root, 'never')], 'CONFIG_RANGE', '--checkpoint-every'],
] as const) {
  test(`${words.join(' ')} is refused`, () => {
    const { status, stderr } = run('train', ...words);
    assert.equal(status, 2);
    assert.match(stderr, new RegExp(`^hearsay: ${code}: .*${named}.*\\n$`));
  });
}
