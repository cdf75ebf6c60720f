/** export, evaluate and predict, as a user types them, on what train leaves. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { evaluateOptions } from '../../src/cli/evaluate.js';
import { exportOptions } from '../../src/cli/export.js';
import { flagName } from '../../src/cli/options.js';
import { predictOptions } from '../../src/cli/predict.js';
import { readNpy, writeNpy } from '../../src/data/npy.js';
import type { Option } from '../../src/engine/option.js';
import { load, loadModel, train } from '../../src/index.js';
import { kindOf, made, textKind } from '../support/made.js';
import { play } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const out = join(folder, 'run');
const words = [
  '--data',
  'digits:300',
  '--model',
  'mlp:12',
  '--nodes',
  '3',
  '--epochs',
  '2',
  '--kernels',
  'simd',
  '--threads',
  '1',
];
await play(['train', ...words, '--seed', '4', '--out', out, '--keep-nodes', '--quiet'], { trainer: train });

for (const [command, options] of [
  ['evaluate', evaluateOptions],
  ['predict', predictOptions],
  ['export', exportOptions],
] as const) {
  test(`${command} --help has a line for each option, with its range and its default, and loads no model`, async () => {
    const { status, stdout, loads } = await play([command, '--help'], { columns: 1000 });
    assert.deepEqual([status, loads], [0, 0]);
    for (const [key, { about, range, fallback, placeholder }] of Object.entries(options as Record<string, Option>)) {
      const line = stdout.split('\n').find(candidate => candidate.trim().startsWith(`--${flagName(key)} `)) ?? '';
      for (const part of [about, placeholder ? range : '(a switch;', `default ${fallback}`])
        assert.ok(line.includes(part), `${part} is not in: ${line}`);
    }
  });
}

test('evaluate says of a run what the run said at its end, on its own test rows', async () => {
  assert.deepEqual(readdirSync(out).sort(), [
    'checkpoints',
    'manifest.json',
    'metrics.jsonl',
    'model.safetensors',
    'nodes.npy',
    'report.html',
  ]);
  const done = JSON.parse(readFileSync(join(out, 'metrics.jsonl'), 'utf8').trim().split('\n').at(-1)!);
  const { status, stdout } = await play(['evaluate', out, '--json', '--per-class', '--confusion']);
  assert.equal(status, 0);
  const said = JSON.parse(stdout);
  assert.deepEqual([said.model, said.rows, said.accuracy], ['mlp:12', 60, done.accuracy]);
  assert.ok(Math.abs(said.loss - done.loss) < 1e-5);
  const right = said.confusion.reduce((sum: number, row: number[], k: number) => sum + row[k], 0);
  assert.equal(right / 60, said.accuracy);
  for (const [k, { rows, recall, precision, f1 }] of said.perClass.entries()) {
    const row: number[] = said.confusion[k];
    assert.equal(
      rows,
      row.reduce((a, b) => a + b),
    );
    assert.equal(recall, rows === 0 ? null : row[k] / rows);
    if (precision && recall) assert.ok(Math.abs(f1 - (2 * precision * recall) / (precision + recall)) < 1e-12);
  }
  const people = await play(['evaluate', out, '--per-class', '--confusion']);
  assert.match(
    people.stdout,
    /^model {6}mlp:12, 9,550 parameters .*\ndata .* \(test\), 60 rows\nloss {7}[\d.]+\naccuracy {3}[\d.]+ %\n/,
  );
  assert.match(people.stdout, /\n\nclass {2}rows {2}precision .*\n0 [\s\S]*\n\nclass {2}as 0 /);
  // Other rows, another node.
  for (const more of [
    ['--part', 'train'],
    ['--node', '1'],
    ['--seed', '9'],
  ])
    assert.notEqual(JSON.parse((await play(['evaluate', out, '--json', ...more])).stdout).loss, said.loss, more.join());
  assert.equal(JSON.parse((await play(['evaluate', out, '--json', '--part', 'all'])).stdout).rows, 360);
});

test('predict prints a line a row, or writes CSV and NPY, and takes rows without targets', async () => {
  const { test: held } = await load('digits:300', { seed: 4, standardize: 'none' });
  const expected = (await loadModel(out)).predict(held.inputs);
  const { stdout, status } = await play(['predict', out]);
  assert.equal(status, 0);
  const [head, ...rows] = stdout.trim().split('\n');
  assert.equal(head, 'class,p0,p1,p2,p3,p4,p5,p6,p7,p8,p9');
  assert.equal(rows.length, 60);
  const close = (found: number[], row: number) =>
    found.forEach((value, k) => void assert.ok(Math.abs(value - expected[row * 10 + k]) < 1e-5));
  for (const [row, line] of rows.entries()) {
    const [best, ...chances] = line.split(',').map(Number);
    close(chances, row);
    assert.equal(best, chances.indexOf(Math.max(...chances)));
  }
  const lines = (await play(['predict', out, '--json'])).stdout.trim().split('\n');
  close(JSON.parse(lines[7]).probabilities, 7);
  const [csv, npy, inputs] = ['p.csv', 'p.npy', 'inputs.npy'].map(name => join(folder, name));
  await play(['predict', out, '--out', csv]);
  assert.equal(readFileSync(csv, 'utf8'), stdout);
  writeFileSync(inputs, writeNpy({ shape: [60, 28, 28], values: held.inputs as Uint8Array }));
  const said = await play(['predict', out, '--data', inputs, '--out', npy]);
  assert.match(said.stderr, /60 predictions/);
  const { shape, values } = readNpy(readFileSync(npy), npy);
  assert.deepEqual(shape, [60, 10]);
  for (let row = 0; row < 60; row++) close(Array.from(values.subarray(10 * row, 10 * row + 10)), row);
  for (const [more, code] of [
    [['--out', join(folder, 'p.txt')], 'CONFIG_RANGE'],
    [['--out', join(folder, 'none', 'p.csv')], 'OUTPUT_UNWRITABLE'],
    [['--prompt', 'abc'], 'CONFIG_RANGE'],
    [['--standardize', 'whole'], 'CONFIG_RANGE'],
    [['--data', 'synthetic'], 'DATA_CORRUPT'],
    [['--data', join(folder, 'nothing.csv')], 'DATA_NOT_FOUND'],
  ] as const) {
    const { status, stderr } = await play(['predict', out, ...more]);
    assert.deepEqual([status, stderr.includes(`hearsay: ${code}: `)], [2, true], stderr);
  }
});

test('export writes each format beside the model, and what it wrote can be used again', async () => {
  for (const [more, name] of [
    [['safetensors'], 'model.pytorch.safetensors'],
    [['npz', '--layout', 'keras'], 'model.keras.npz'],
    [['onnx'], 'model.onnx'],
    [['tfjs', '--inputs', 'bytes'], 'model.tfjs/model.json'],
  ] as const) {
    const { status, stdout, stderr } = await play(['export', out, '--format', ...more]);
    assert.equal(status, 0, stderr);
    assert.ok(stdout.includes(join(out, name)) && existsSync(join(out, name)), stdout);
  }
  const said = async (path: string, ...more: string[]) => JSON.parse((await play(['evaluate', path, '--json', ...more])).stdout);
  const { loss } = await said(out);
  for (const name of ['model.pytorch.safetensors', 'model.keras.npz']) {
    const again = await said(join(out, name), '--data', 'digits:300', '--seed', '4');
    assert.equal(again.loss, loss, name);
  }
  const node = join(folder, 'node.npz');
  const { stdout } = await play(['export', out, '--format', 'npz', '--node', '2', '--out', node, '--json']);
  assert.deepEqual(JSON.parse(stdout).files, [node]);
  assert.deepEqual((await loadModel(node)).weights, (await loadModel(out, { node: 2 })).weights);
  const onnx = await play(['evaluate', join(out, 'model.onnx')]);
  assert.equal(onnx.status, 2);
  assert.match(onnx.stderr, /DATA_CORRUPT: .* a model of ONNX, .* allowed is safetensors or npz/);
  assert.equal((await play(['export', out, '--format', 'onnx', '--layout', 'keras'])).status, 2);
  assert.equal((await play(['export', out, '--format', 'pickle'])).status, 2);
});

test('the export of a node stands beside that of the mean, and no shards of another model stay', async () => {
  const bytes = readFileSync(join(out, 'model.onnx'));
  assert.equal((await play(['export', out, '--format', 'onnx', '--node', '2'])).status, 0);
  assert.deepEqual(readFileSync(join(out, 'model.onnx')), bytes);
  assert.notDeepEqual(readFileSync(join(out, 'model-node2.onnx')), bytes);
  const left = join(out, 'model.tfjs', 'group1-shard2of2.bin');
  const own = join(out, 'model.tfjs', 'notes.txt');
  for (const name of [left, own]) writeFileSync(name, 'x');
  assert.equal((await play(['export', out, '--format', 'tfjs'])).status, 0);
  assert.deepEqual(readdirSync(join(out, 'model.tfjs')).sort(), ['group1-shard1of1.bin', 'model.json', 'notes.txt']);
});

test('a file of other software is used with --model and --data, and exported further', async () => {
  const theirs = join(folder, 'theirs.npz');
  await (await loadModel(out)).export(theirs, { format: 'npz' });
  const { readNpz, writeNpz } = await import('../../src/data/npz.js');
  const arrays = readNpz(readFileSync(theirs), theirs);
  for (const name of ['hearsay.metadata', 'input.mean', 'input.factor']) arrays.delete(name);
  writeFileSync(theirs, writeNpz(arrays));
  const bare = await play(['evaluate', theirs, '--data', 'digits:300', '--seed', '4']);
  assert.match(bare.stderr, /CONFIG_MISSING: .* --model/);
  const told = ['--model', 'mlp:12', '--data', 'digits:300', '--seed', '4', '--standardize', 'whole'];
  const said = JSON.parse((await play(['evaluate', theirs, '--json', ...told])).stdout);
  const own = JSON.parse((await play(['evaluate', out, '--json'])).stdout);
  assert.ok(Math.abs(said.loss - own.loss) < 1e-6);
  const onnx = await play(['export', theirs, '--format', 'onnx', ...told]);
  assert.equal(onnx.status, 0, onnx.stderr);
  assert.ok(existsSync(join(folder, 'theirs.onnx')));
  const missing = await play(['export', theirs, '--format', 'onnx', '--model', 'mlp:12']);
  assert.match(missing.stderr, /CONFIG_MISSING: .* --data/);
});

test('a model of characters goes on with a prompt', async () => {
  const path = join(folder, 'text.safetensors');
  await (await made('transformer:1,2,8', textKind(6, [...'abcde']))).save(path);
  const go = async (...more: string[]) => (await play(['predict', path, '--prompt', 'ab', '--characters', '20', ...more])).stdout;
  const text = await go();
  assert.match(text, /^ab[a-e]{20}\n$/);
  assert.equal(await go('--seed', '1'), text);
  assert.notEqual(await go('--seed', '2'), text);
  assert.equal(JSON.parse(await go('--json')).text, text.slice(2, -1));
  const corpus = join(folder, 'corpus.txt');
  writeFileSync(corpus, 'edcbaabcde'.repeat(40));
  const said = JSON.parse((await play(['evaluate', path, '--json', '--data', corpus])).stdout);
  assert.ok(said.loss > 0.5 && said.loss < 4, JSON.stringify(said));
  writeFileSync(corpus, 'abx'.repeat(100));
  assert.match((await play(['evaluate', path, '--data', corpus])).stderr, /DATA_LABEL: .*"x"/);
});

test('--keep-nodes needs a folder, and --init starts a run from another', async () => {
  assert.match((await play(['train', '--keep-nodes'])).stderr, /CONFIG_MISSING: --keep-nodes: .*--out/);
  const more = ['--init', out, '--optimizer', 'sgd:rate=1e-30', '--json', '--quiet'];
  const { stdout, stderr } = await play(['train', ...words, '--seed', '4', ...more], { trainer: train });
  const events = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.match(events[0].modules.init ?? stderr, /^[0-9a-f]{64}$/);
  const own = JSON.parse((await play(['evaluate', out, '--json'])).stdout);
  assert.equal(events.at(-1).accuracy, own.accuracy);
});

test('classes are found by their names, whichever of them a file has', async () => {
  const rows = (words: readonly string[], count: number) =>
    Array.from({ length: count }, (_, k) => `${k % words.length},${(k * 7) % 5},${words[k % words.length]}`).join('\n');
  const [table, few, other] = ['names.csv', 'few.csv', 'other.csv'].map(name => join(folder, name));
  writeFileSync(table, `a,b,kind\n${rows(['ant', 'bee wild', 'cow'], 300)}\n`);
  writeFileSync(few, `a,b,kind\n${'1,3,bee wild\n2,1,cow\n'.repeat(20)}`);
  const run = join(folder, 'names');
  const options = [
    '--data',
    table,
    '--model',
    'softmax',
    '--nodes',
    '2',
    '--epochs',
    '60',
    '--kernels',
    'simd',
    '--threads',
    '1',
  ];
  assert.equal((await play(['train', ...options, '--out', run, '--quiet'], { trainer: train })).status, 0);
  const { labels } = await loadModel(run);
  assert.deepEqual(labels, ['ant', 'bee wild', 'cow']);
  const said = JSON.parse((await play(['evaluate', run, '--data', few, '--part', 'all', '--json', '--per-class'])).stdout);
  assert.deepEqual([said.rows, said.accuracy], [40, 1]);
  assert.deepEqual(
    said.perClass.map(({ rows }: { rows: number }) => rows),
    [0, 20, 20],
  );
  const lines = (await play(['predict', run, '--data', few, '--part', 'all'])).stdout.trim().split('\n');
  assert.ok(lines.slice(1).every(line => /^(bee wild|cow),/.test(line)));
  writeFileSync(other, `a,b,kind\n${'1,3,dog\n2,1,cow\n'.repeat(20)}`);
  const { status, stderr } = await play(['evaluate', run, '--data', other]);
  assert.equal(status, 2);
  assert.match(stderr, /DATA_LABEL: .*"dog".*"ant", "bee wild", "cow"/);
});

test('an export into a folder that can not be made is refused at once, and leaves none behind', { timeout: 60_000 }, async () => {
  for (const format of ['tfjs', 'onnx', 'npz', 'safetensors']) {
    const { status, stderr } = await play(['export', out, '--format', format, '--out', '/proc/hearsay/model']);
    assert.equal(status, 2);
    assert.match(stderr, /^hearsay: OUTPUT_UNWRITABLE: \/proc\/hearsay\/model: ENOENT: [^'\n]*; give [^\n]*\n$/);
  }
});

test('what belongs to other models or to a prompt is refused, not passed over', async () => {
  const own = join(folder, 'text.safetensors');
  for (const [words, said] of [
    [['predict', out, '--temperature', '0.5'], /CONFIG_RANGE: --temperature: found no prompt/],
    [['predict', out, '--characters', '5'], /CONFIG_RANGE: --characters: found no prompt/],
    [['predict', own, '--prompt', 'a', '--part', 'all'], /CONFIG_RANGE: --part: found a prompt/],
    [['predict', own, '--prompt', 'a', '--data', 'digits'], /CONFIG_RANGE: data: found 'digits', but .* says what its data were/],
    [['predict', own, '--prompt', ''], /CONFIG_RANGE: /],
    [['export', out, '--format', 'onnx', '--data', 'digits'], /CONFIG_RANGE: data: found 'digits', but .*; leave it out/],
    [['export', out, '--format', 'onnx', '--target', '1'], /CONFIG_RANGE: target: found '1', but /],
  ] as const) {
    const { status, stderr, stdout } = await play(words);
    assert.deepEqual([status, stdout], [2, ''], words.join(' '));
    assert.match(stderr, said);
  }
});

test('--out of predict is tried before the work, and what stood there stays until all is written', async () => {
  const taken = join(folder, 'taken.csv');
  mkdirSync(taken);
  const files = readdirSync(folder);
  for (const path of [taken, join(folder, 'none', 'p.csv'), join(out, 'model.safetensors', 'p.csv')]) {
    // The data are not there either: that would be said after a look at them.
    const { status, stderr } = await play(['predict', out, '--data', join(folder, 'nothing.csv'), '--out', path]);
    assert.equal(status, 2);
    assert.match(stderr, /^hearsay: OUTPUT_UNWRITABLE: --out [^\n]*; give [^\n]*\n$/);
  }
  const kept = join(folder, 'kept.csv');
  writeFileSync(kept, 'mine');
  assert.equal((await play(['predict', out, '--data', 'synthetic', '--out', kept])).status, 2);
  assert.equal(readFileSync(kept, 'utf8'), 'mine');
  assert.deepEqual(readdirSync(folder).sort(), [...files, 'kept.csv'].sort());
});

test('evaluate says the root mean square error of ratings, as train does, and names the part of a text once', async () => {
  const ratings = join(folder, 'ratings.csv');
  writeFileSync(ratings, Array.from({ length: 90 }, (_, k) => `u${k % 7},i${k % 11},${1 + (k % 5)}\n`).join(''));
  const run = join(folder, 'ratings');
  const some = ['--data', `ratings:${ratings}`, '--model', 'factorization:2', '--nodes', '2', '--batch', '2', '--threads', '1'];
  const { stdout: trained } = await play(['train', ...some, '--epochs', '3', '--out', run], { trainer: train });
  const [, rmse] = /^rmse {7}([\d.]+) mean model/m.exec(trained)!;
  const { stdout } = await play(['evaluate', run]);
  assert.ok(stdout.includes(`\nrmse       ${rmse}\n`), stdout);
  // Ratings as a table are no ratings.
  assert.match(
    (await play(['predict', run, '--data', ratings])).stderr,
    /DATA_CORRUPT: .*the model takes 2; .*--data ratings:FILE/,
  );
  const wide = join(folder, 'wide.csv');
  writeFileSync(wide, 'a,b,c,d\n1,2,3,4\n');
  assert.match((await play(['predict', run, '--data', wide])).stderr, /DATA_CORRUPT: .*the model takes 2; .*--data ratings:FILE/);
  const corpus = join(folder, 'part.txt');
  writeFileSync(corpus, 'edcbaabcde'.repeat(40));
  const text = (await play(['evaluate', join(folder, 'text.safetensors'), '--data', corpus])).stdout;
  assert.match(text, /part\.txt \(test\), /);
});

test('rows of a table without a target are told from rows of another kind', async () => {
  const path = join(folder, 'two.safetensors');
  await (await made('linear', kindOf([3], 0))).save(path);
  const bare = join(folder, 'bare.csv');
  writeFileSync(bare, '1,2,3\n4,5,6\n');
  const { status, stderr } = await play(['predict', path, '--data', bare]);
  assert.equal(status, 2);
  assert.match(stderr, /rows of 2 numbers, the model takes 3; the last column is taken as the target: add one/);
});

test('a file that says nothing of itself is looked at with its data once', async () => {
  const path = join(folder, 'foreign.npz');
  await (await made('linear', kindOf([2], 0))).export(path, { format: 'npz' });
  const { readNpz, writeNpz } = await import('../../src/data/npz.js');
  const arrays = readNpz(readFileSync(path), path);
  arrays.delete('hearsay.metadata');
  writeFileSync(path, writeNpz(arrays));
  const data = join(folder, 'once.csv');
  writeFileSync(data, Array.from({ length: 60 }, (_, k) => `${k},${(k * 7) % 11},${k / 3}\n`).join(''));
  const { openWithData } = await import('../../src/threads/opened.js');
  const { promises } = await import('node:fs');
  const { load } = await import('../../src/index.js');
  for (const standardize of ['none', 'features'] as const)
    for (const part of ['test', 'train', 'all', undefined] as const)
      for (const isPredicting of [true, false]) {
        const opening = { model: 'linear', data, standardize, ...(part && { part }), seed: 5 };
        const { open } = promises;
        let looks = 0;
        promises.open = (async (...given: Parameters<typeof open>) => {
          if (given[0] === data) looks++;
          return open(...given);
        }) as typeof open;
        syncBuiltinESMExports();
        let opened: Awaited<ReturnType<typeof openWithData>>;
        try {
          opened = await openWithData(path, opening, isPredicting);
        } finally {
          promises.open = open;
          syncBuiltinESMExports();
        }
        const what = `${standardize} ${part} ${isPredicting}`;
        assert.equal(looks, 1, what);
        const split = await load(data, { standardize, seed: 5 });
        const whole = (await load(data, { standardize: 'none', holdOut: 0 })).train;
        const isWhole = part === 'all' || (part === undefined && isPredicting);
        const rows = isWhole ? whole : part === 'train' ? split.train : split.test;
        assert.deepEqual(opened.dataset.inputs, rows.inputs, what);
        assert.deepEqual(opened.dataset.targets, rows.targets, what);
        assert.deepEqual(opened.model.standard, split.train.standard ?? null, what);
      }
});

test('users and items of other ratings are not taken for those with their numbers', async () => {
  const run = join(folder, 'ratings');
  const [all, few, alien] = ['ratings.csv', 'few-ratings.csv', 'alien.csv'].map(name => join(folder, name));
  writeFileSync(few, 'u5,i7,1\nu0,i3,2\n');
  writeFileSync(alien, 'nobody,i7,1\n');
  const lines = async (...words: string[]) => (await play(['predict', run, ...words])).stdout.trim().split('\n').slice(1);
  const model = await loadModel(run);
  const expected = Array.from(model.predict([5, 7, 0, 3]));
  for (const words of [
    ['--test', few],
    ['--data', `ratings:${all}`, '--test', few],
  ])
    for (const [k, line] of (await lines(...words)).entries()) assert.ok(Math.abs(Number(line) - expected[k]) < 1e-5);
  assert.equal((await lines('--data', `ratings:${all}`)).length, 90);
  for (const command of ['predict', 'evaluate']) {
    const { status, stderr } = await play([command, run, '--data', `ratings:${few}`, '--part', 'all']);
    assert.equal(status, 2);
    assert.match(stderr, /DATA_LABEL: .*few-ratings\.csv: its users and items are numbered otherwise .*; give it as --test FILE/);
    const unknown = await play([command, run, '--test', alien]);
    assert.match(unknown.stderr, /DATA_LABEL: .*alien\.csv: line 1, offset 0: found user "nobody"/);
    // A table of numbers that are no ratings for all that is known.
    const table = join(folder, 'table.csv');
    writeFileSync(table, '5,7,1\n0,3,2\n');
    assert.match((await play([command, run, '--data', table])).stderr, /DATA_CORRUPT: .*--data ratings:FILE/);
  }
  const { test: held } = await load(`ratings:${all}`);
  assert.ok(model.evaluate(held).loss > 0);
  const { train: other } = await load(`ratings:${few}`, { holdOut: 0 });
  assert.throws(() => model.evaluate(other), { code: 'DATA_LABEL' });
});

test('a module that throws while it predicts is said to have failed, and a header without rows to be one', async () => {
  const module = join(folder, 'throws.mjs');
  writeFileSync(
    module,
    `export default () => ({ name: 'throws', parameters: 1, layers: [{ name: 'w', offset: 0, shape: [1] }], outputs: 1,
      workspace: () => 1, initialize() {}, open: () => ({ gradient() {}, evaluate() { throw new Error('of evaluate'); },
      predict() { throw new Error('of predict\\nand more'); } }) });`,
  );
  const path = join(folder, 'throws.safetensors');
  const { writeSafetensors } = await import('../../src/models/formats/safetensors.js');
  const task = JSON.stringify({ shape: [2], classes: 0 });
  writeFileSync(
    path,
    writeSafetensors([{ name: 'w', shape: [1], values: Float32Array.of(1) }], { model: module, layout: 'hearsay', task }),
  );
  const data = join(folder, 'throws.csv');
  writeFileSync(data, '1,2,3\n4,5,6\n');
  for (const command of ['predict', 'evaluate']) {
    const { status, stderr } = await play([command, path, '--model', module, '--data', data, '--part', 'all']);
    assert.equal(status, 4);
    assert.match(stderr, new RegExp(`^hearsay: MODEL_FAILED: ${command}: model .*throws\\.mjs: it threw: of ${command}\\n$`));
  }
  const own = join(folder, 'plain.safetensors');
  await (await made('linear', kindOf([2], 0))).save(own);
  writeFileSync(data, 'a,b,y\n');
  for (const command of ['predict', 'evaluate'])
    assert.match((await play([command, own, '--data', data, '--part', 'all'])).stderr, /DATA_TOO_SMALL: .*a header without rows/);
});
