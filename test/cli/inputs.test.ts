/** What the real `train` does with data, modules and folders: small files, so that each run is quick. Refusals are in refusals.test.ts. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { train } from '../../src/threads/train.js';
import { play } from './stage.js';

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));

/** 40 rows of two classes that a line divides. */
const table = `x,y,label\n${Array.from({ length: 40 }, (_, k) => `${k},${(k * 7) % 5},${k < 20 ? 'low' : 'high'}`).join('\n')}\n`;
/** A model and an algorithm that call `trouble` with the name of each of their parts. */
const lazyModel = `export default (options, task) => ({
  name: 'lazy', parameters: 4, outputs: task.classes, layers: [{ name: 'w', offset: 0, shape: [4] }],
  workspace: () => (trouble('workspace'), 0),
  initialize: () => trouble('initialize'),
  open: () => (trouble('open'), {
    gradient: (weights, gradient) => (trouble('gradient'), gradient.fill(0), 1),
    evaluate: () => (trouble('evaluate'), { loss: 1, correct: 0 }),
    predict() {},
  }),
});`;
const lazyAlgorithm = `export default () => ({
  name: 'lazy',
  begin(node, rows) { trouble('begin'); rows.descend(node, { steps: 1 }); },
  finish(node, rows) { trouble('finish'); rows.commit(node); },
});`;

before(() => {
  process.chdir(folder);
  writeFileSync('good.csv', table);
  for (const part of ['initialize', 'workspace', 'open', 'gradient', 'evaluate', 'begin', 'finish']) {
    const faulty = `const trouble = part => { if (part === '${part}') throw new Error('no ${part} today'); };`;
    writeFileSync(`no-${part}.js`, `${faulty} ${['begin', 'finish'].includes(part) ? lazyAlgorithm : lazyModel}`);
  }
});

after(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

const good = ['--data', 'good.csv', '--batch', '2', '--nodes', '4', '--model', 'logistic', '--threads', '1'];

test('the good input trains', async () => {
  const { status, stdout, stderr } = await play(['train', ...good, '--epochs', '2', '--json'], { trainer: train });
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    [
      ...new Set(
        stdout
          .trimEnd()
          .split('\n')
          .map(line => JSON.parse(line).event),
      ),
    ],
    ['start', 'sample', 'done'],
  );
});

const drivers = {
  train: {},
  'simulate alone': { '--parallel': 'never' },
  'simulate on a pool': { '--parallel': 'always', '--threads': '2' },
};
for (const [driver, own] of Object.entries(drivers)) {
  for (const part of ['initialize', 'workspace', 'open', 'gradient', 'evaluate', 'begin', 'finish']) {
    test(`${driver}: what a module throws in its ${part} is said to be the module's`, async () => {
      const base = Object.fromEntries(good.map((word, k) => [word, good[k + 1]]).filter((_, k) => k % 2 === 0));
      const module = { [['begin', 'finish'].includes(part) ? '--algorithm' : '--model']: `./no-${part}.js` };
      const options: Record<string, string> = { ...base, '--seed': '7', '--steps': '50', ...own, ...module };
      const words = [driver.split(' ')[0], ...Object.entries(options).flat(), '--quiet'];
      const { status, stderr } = await play(words, { trainer: train });
      assert.match(stderr, new RegExp(`^hearsay: MODEL_FAILED: [^\\n]*no-${part}\\.js[^\\n]*seed 7: no ${part} today\\n$`));
      assert.equal(status, 4);
    });
  }
}

test('the manifest says which modules they were', async () => {
  const words = ['train', ...good, '--steps', '4', '--algorithm', './kept.js', '--out', 'modules', '--quiet'];
  writeFileSync('kept.js', lazyAlgorithm.replace(/trouble\('\w+'\);/g, ''));
  const { status, stderr } = await play(words, { trainer: train });
  assert.equal(status, 0, stderr);
  const { modules } = JSON.parse(readFileSync(join('modules', 'manifest.json'), 'utf8'));
  assert.deepEqual(modules, { algorithm: createHash('sha256').update(readFileSync('kept.js')).digest('hex') });
  rmSync('modules', { recursive: true });
  rmSync('kept.js');
});

test('a validation part is held out of the training rows, and watched', async () => {
  const start = async (...words: string[]) => {
    const { stdout } = await play(['train', ...good, ...words, '--steps', '4', '--json'], { trainer: train });
    return JSON.parse(stdout.split('\n')[0]).data;
  };
  const { train: all, test: tested } = await start();
  assert.deepEqual([all, tested], [32, 8]);
  const { train: fewer, test: watched, name } = await start('--validation', '0.25');
  assert.deepEqual([fewer, watched], [24, 8]);
  assert.match(name, /good\.csv/);
});

test('--out holds a model that was really written', async () => {
  const { status } = await play(['train', ...good, '--epochs', '1', '--out', 'run', '--quiet'], { trainer: train });
  assert.equal(status, 0);
  assert.deepEqual(readdirSync('run').sort(), [
    'checkpoints',
    'manifest.json',
    'metrics.jsonl',
    'model.safetensors',
    'report.html',
  ]);
  const bytes = readFileSync(join('run', 'model.safetensors'));
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString());
  assert.ok(Object.keys(header).length >= 2);
  rmSync('run', { recursive: true });
});
