/**
 * Bad input that shows only when data, graph, model and memory are put together: the real `train`, a named code, one line, before a
 * thread starts. Data come from small files, so that each refusal is quick.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ErrorCode } from '../../src/errors.js';
import { train } from '../../src/threads/train.js';
import { cpuMilliseconds } from '../support/cpu.js';
import { play } from './stage.js';

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));

/** 40 rows of two classes that a line divides. */
const table = `x,y,label\n${Array.from({ length: 40 }, (_, k) => `${k},${(k * 7) % 5},${k < 20 ? 'low' : 'high'}`).join('\n')}\n`;
const idx = (type: number, sizes: readonly number[], bytes: number) =>
  Buffer.concat([
    Buffer.from([0, 0, type, sizes.length, ...sizes.flatMap(size => [0, 0, size >> 8, size & 255])]),
    Buffer.alloc(bytes),
  ]);
const mnist = (name: string, images: Buffer, labels: Buffer) => {
  mkdirSync(name);
  for (const part of ['train', 't10k']) {
    writeFileSync(join(name, `${part}-images-idx3-ubyte`), images);
    writeFileSync(join(name, `${part}-labels-idx1-ubyte`), labels);
  }
};

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
  writeFileSync('empty.csv', '');
  writeFileSync('half.bin', Buffer.alloc(3073 + 1500));
  writeFileSync('label.bin', Buffer.alloc(3073, 11));
  writeFileSync(
    'pickle.npy',
    `\x93NUMPY\x01\0\x3c\0${"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".padEnd(59)}\n`,
    'latin1',
  );
  writeFileSync('cut.npz', Buffer.from([80, 75, 3, 4, 20, 0, 0, 0]));
  writeFileSync('cut.parquet', 'PAR1 and no more PAR1');
  writeFileSync('few.txt', 'To be, or not to be.');
  writeFileSync('latin.txt', Buffer.from('d\xe9j\xe0 vu, '.repeat(50), 'latin1'));
  writeFileSync('ratings.dat', '1::2::3\n1::2\n');
  writeFileSync('header.csv', 'x,y,label\n');
  writeFileSync('one.csv', 'x,y,label\n1,2,a\n');
  writeFileSync('nan.csv', `${table}1,NaN,low\n`);
  writeFileSync('word.csv', `${table}1,two,low\n`);
  writeFileSync('short.csv', `${table}1,low\n`);
  writeFileSync('zero.csv', `${table}\0\0`);
  writeFileSync('bad.svm', '1 1:0.5 2:1\n-1 2:0.5 1:x\n');
  writeFileSync('down.svm', '1 2:0.5 1:1\n-1 1:1\n');
  writeFileSync('cut.csv.gz', gzipSync(table).subarray(0, 60));
  mkdirSync('empty');
  assert.equal(spawnSync('mkfifo', ['pipe.csv']).status, 0);
  mnist('mnist', idx(8, [50, 2, 2], 200), idx(8, [50], 50));
  mnist('magic', Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]), idx(8, [50], 50));
  mnist('cut', idx(8, [50, 2, 2], 199), idx(8, [50], 50));
  mnist('long', idx(8, [50, 2, 2], 201), idx(8, [50], 50));
  mnist('fewer', idx(8, [50, 2, 2], 200), idx(8, [49], 49));
  mnist('huge', idx(8, [65535, 65535, 65535], 10), idx(8, [50], 50));
  writeFileSync('split.edges', '0 1\n2 3\n');
  writeFileSync('loop.edges', '0 1\n1 1\n1 2\n2 3\n');
  writeFileSync('far.edges', '0 1\n1 2\n2 3\n3 4\n');
  writeFileSync('words.edges', '0 1\none two\n');
  writeFileSync('broken.js', 'export default (');
  writeFileSync('nothing.js', 'export const x = 1;');
  writeFileSync('number.js', 'export default 4;');
  writeFileSync('hollow.js', 'export default () => ({});');
  writeFileSync('throws.js', `export default () => { throw new TypeError('options.width is missing'); };`);
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

const rows: readonly (readonly [ErrorCode, ...string[]])[] = [
  // data
  ['DATA_NOT_FOUND', '--data', 'none.csv'],
  ['DATA_NOT_FOUND', '--data', 'good.csv/deeper'],
  ['DATA_NOT_FOUND', '--data', 'empty'],
  ['DATA_NOT_FOUND', '--data', 'pipe.csv'],
  ['DATA_NOT_FOUND', '--data', 'mnist/train-images-idx3-ubyte'],
  ['DATA_NOT_FOUND', '--test', 'none.csv'],
  ['CONFIG_RANGE', '--data', 'digits:0'],
  ['CONFIG_RANGE', '--data', 'digits:1e3'],
  ['CONFIG_RANGE', '--target', 'z'],
  ['CONFIG_RANGE', '--data', 'digits:400', '--test', '/nope'],
  ['CONFIG_RANGE', '--data', 'digits:400', '--target', '3'],
  ['CONFIG_RANGE', '--data', 'none', '--model', 'none', '--test', '/nope'],
  ['CONFIG_RANGE', '--data', 'mnist', '--target', '1'],
  ['DATA_CORRUPT', '--data', 'empty.csv'],
  ['DATA_CORRUPT', '--data', 'half.bin'],
  ['DATA_LABEL', '--data', 'label.bin'],
  ['DATA_CORRUPT', '--data', 'pickle.npy'],
  ['DATA_CORRUPT', '--data', 'cut.npz'],
  ['DATA_CORRUPT', '--data', 'cut.parquet'],
  ['DATA_TOO_SMALL', '--data', 'few.txt'],
  ['DATA_CORRUPT', '--data', 'latin.txt'],
  ['CONFIG_RANGE', '--data', 'text:few.txt,context=0'],
  ['CONFIG_UNKNOWN_KEY', '--data', 'text:few.txt,contxt=4'],
  ['DATA_NOT_FOUND', '--data', 'ratings:none.dat'],
  ['DATA_CORRUPT', '--data', 'ratings:ratings.dat'],
  ['CONFIG_RANGE', '--augment', 'flop'],
  ['CONFIG_RANGE', '--augment', 'crop:0'],
  ['CONFIG_RANGE', '--augment', 'flip'],
  ['DATA_TOO_SMALL', '--data', 'header.csv'],
  ['DATA_CORRUPT', '--data', 'short.csv'],
  ['DATA_CORRUPT', '--data', 'zero.csv'],
  ['DATA_CORRUPT', '--data', 'bad.svm'],
  ['DATA_CORRUPT', '--data', 'down.svm'],
  ['DATA_CORRUPT', '--data', 'cut.csv.gz'],
  ['DATA_CORRUPT', '--data', 'magic'],
  ['DATA_CORRUPT', '--data', 'cut'],
  ['DATA_CORRUPT', '--data', 'long'],
  ['DATA_TOO_LARGE', '--data', 'huge'],
  ['DATA_NONFINITE', '--data', 'nan.csv'],
  ['DATA_CORRUPT', '--data', 'fewer'],
  ['DATA_TOO_SMALL', '--data', 'one.csv'],
  ['DATA_TOO_SMALL', '--nodes', '33'],
  ['DATA_TOO_SMALL', '--batch', '9'],
  ['DATA_TOO_SMALL', '--partition', 'shards:9'],
  // graphs
  ['GRAPH_DISCONNECTED', '--topology', './split.edges'],
  ['GRAPH_DISCONNECTED', '--topology', 'erdos-renyi:0'],
  ['GRAPH_INVALID', '--topology', './loop.edges'],
  ['GRAPH_INVALID', '--topology', './far.edges'],
  ['GRAPH_INVALID', '--topology', './words.edges'],
  ['GRAPH_INVALID', '--topology', 'regular:4'],
  ['GRAPH_INVALID', '--topology', 'torus:3x3'],
  ['GRAPH_INVALID', '--topology', 'hypercube', '--nodes', '6'],
  ['DATA_NOT_FOUND', '--topology', './none.edges'],
  ['CONFIG_RANGE', '--topology', 'rnig'],
  ['CONFIG_RANGE', '--topology', 'regular:0x2'],
  ['CONFIG_UNKNOWN_KEY', '--topology', 'regular:degree=2'],
  // models and modules
  ['CONFIG_RANGE', '--model', 'linear'],
  ['MODULE_INVALID', '--model', './none.js'],
  ['MODULE_INVALID', '--model', './broken.js'],
  ['MODULE_INVALID', '--model', './nothing.js'],
  ['MODULE_INVALID', '--model', './number.js'],
  ['MODULE_INVALID', '--model', './hollow.js'],
  ['MODULE_INVALID', '--algorithm', './hollow.js'],
  ['MODULE_INVALID', '--algorithm', './none.js'],
  ['MODULE_INVALID', '--model', './throws.js'],
  ['MODULE_INVALID', '--algorithm', './throws.js'],
  // memory
  ['MEMORY_LIMIT', '--model', 'mlp:65536,65536'],
];

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

for (const [code, ...words] of rows) {
  test(`${words.join(' ')}: ${code}`, async () => {
    const files = readdirSync(folder);
    const given = new Set(words.filter(word => word.startsWith('--')));
    const rest = good.flatMap((word, k) => (k % 2 === 0 && !given.has(word) ? [word, good[k + 1]] : []));
    const begin = cpuMilliseconds();
    const { status, stdout, stderr } = await play(['train', ...rest, ...words, '--json'], { trainer: train });
    const took = cpuMilliseconds() - begin;
    assert.match(stderr, new RegExp(`^hearsay: ${code}: [^\\n]{20,}\\n$`));
    assert.equal(status, 2);
    assert.equal(stdout, '', 'no event: nothing was started');
    assert.deepEqual(readdirSync(folder), files);
    assert.ok(took < 1000, `took ${took} ms`);
  });
}

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
