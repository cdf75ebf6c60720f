/** Recordings that end early, in real processes: by Ctrl-C the file is whole; by kill -9 it says how far it goes. */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';

const main = resolve('dist/src/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const common = ['--data', 'synthetic:rows=500,test=50', '--model', 'linear', '--nodes', '6', '--batch', '2', '--threads', '2'];
const runs = [
  ['train', ...common, '--seconds', '60', '--evaluate-every', '0.05s'],
  ['train', ...common, '--seconds', '60', '--evaluate-every', '0.05s', '--algorithm', 'local'],
  ['simulate', ...common, '--time', '1e9', '--evaluate-every', '2000', '--parallel', 'always'],
  ['simulate', ...common, '--time', '1e9', '--evaluate-every', '2000', '--parallel', 'never'],
];

interface Ending {
  readonly status: number | null;
  readonly events: readonly Record<string, unknown>[];
}

/** Records a run, and sends the signal once it has said so many samples. */
async function interrupted(words: readonly string[], file: string, signal: NodeJS.Signals, samples: number): Promise<Ending> {
  const child = spawn(process.execPath, [main, ...words, '--record', file, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const late = setTimeout(() => child.kill('SIGKILL'), 60_000);
  let stdout = '';
  let asked = false;
  child.stdout.on('data', part => {
    stdout += part;
    if (!asked && stdout.split('"event":"sample"').length > samples) asked = child.kill(signal);
  });
  const status = await new Promise<number | null>(done => child.on('close', done));
  clearTimeout(late);
  const lines = stdout.split('\n').slice(0, -1); // the last is empty, or cut off
  return { status, events: lines.map(line => JSON.parse(line)) };
}

function replayed(file: string, ...words: string[]): { status: number | null; stderr: string; done?: Record<string, unknown> } {
  const args = [main, 'replay', file, '--json', ...words];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  const last = stdout.trimEnd().split('\n').at(-1);
  return { status, stderr, done: last ? JSON.parse(last) : undefined };
}

for (const [k, words] of runs.entries()) {
  const what = `hearsay ${words[0]} ${words.slice(-2).join(' ')}`;

  test(`${what}: after Ctrl-C the file plays to the hash that was said`, { timeout: 120_000 }, async () => {
    const file = join(folder, `stopped-${k}`);
    const { status, events } = await interrupted(words, file, 'SIGINT', 3);
    assert.equal(status, 130);
    const said = events.at(-1)!;
    assert.deepEqual([said.event, said.stopReason], ['done', 'aborted']);
    const { status: ended, stderr, done } = replayed(file, '--threads', '2');
    assert.deepEqual([ended, stderr], [0, '']);
    assert.deepEqual([done!.parametersHash, done!.steps, done!.stopReason], [said.parametersHash, said.steps, 'end']);
  });

  test(`${what}: after kill -9 the file says how far it goes, and plays as far`, { timeout: 120_000 }, async () => {
    const file = join(folder, `killed-${k}`);
    const { status, events } = await interrupted(words, file, 'SIGKILL', 3);
    assert.equal(status, null);
    const { status: refused, stderr } = replayed(file);
    const told = /^hearsay: HISTORY_CORRUPT: [^\n]* was cut off: [^\n]* at step (\d+) it can be played: add --partial\n$/.exec(
      stderr,
    );
    assert.ok(refused === 2 && told, stderr);
    const { status: ended, done } = replayed(file, '--partial', '--threads', '2');
    assert.equal(ended, 0);
    assert.deepEqual([done!.stopReason, String(done!.steps)], ['cut', told[1]]);
    const steps = events.filter(({ event }) => event === 'sample').map(sample => sample.steps);
    assert.ok(Number(told[1]) >= Number(steps[1]), 'what was said before the last sample is in the file');
    assert.ok(readFileSync(file).length > 0);
  });
}

for (const [k, words] of [
  ['train', ...common, '--steps', '20000', '--evaluate-every', '500'],
  ['simulate', ...common, '--steps', '20000', '--evaluate-every', '500', '--parallel', 'always'],
  ['simulate', ...common, '--steps', '20000', '--evaluate-every', '500', '--parallel', 'never'],
].entries()) {
  test(`hearsay ${words[0]} ${words.at(-1)}: where the file can grow no more, the run ends well, and what is there plays`, {
    timeout: 120_000,
  }, () => {
    const file = join(folder, `full-${k}`);
    const out = join(folder, `full-out-${k}`);
    const line = [process.execPath, main, ...words, '--record', file, '--out', out].map(word => `'${word}'`).join(' ');
    const { status, stdout, stderr } = spawnSync('bash', ['-c', `ulimit -f 32; exec ${line}`], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal(status, 0, stderr);
    const told =
      /^hearsay: OUTPUT_UNWRITABLE: --record [^\n]*EFBIG[^\n]*ulimit -f[^\n]* the run goes on and [^\n]*up to step (\d+)$/gm;
    const warnings = [...stderr.matchAll(told)];
    assert.equal(warnings.length, 1, stderr);
    assert.match(stdout, new RegExp(`history in ${file} \\([^)]*cut off after step [\\d,]+\\); .* --partial\n`));
    assert.ok(existsSync(join(out, 'model.safetensors')));
    const { status: ended, done } = replayed(file, '--partial', '--threads', '2');
    assert.equal(ended, 0);
    assert.deepEqual([done!.stopReason, done!.steps], ['cut', Number(warnings[0][1])]);
  });
}
