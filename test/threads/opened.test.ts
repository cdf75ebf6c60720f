/** Saved models with rows for them: sparse ones in little memory, faults by the rows of their file, and hostile words. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeNpy } from '../../src/data/npy.js';
import { train } from '../../src/index.js';
import { writeSafetensors } from '../../src/models/formats/safetensors.js';
import { predictAll } from '../../src/threads/confusion.js';
import { loadModel, openStored } from '../../src/threads/loaded.js';
import { readModelFile, wordsOf } from '../../src/threads/modelfile.js';
import { openWithData } from '../../src/threads/opened.js';
import { apart, kindOf, made } from '../support/made.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

const width = 1_000_000;
const wide = Array.from({ length: 300 }, (_, k) => `${k % 2 ? 1 : -1} ${1 + ((k * 7919) % 5000)}:1 ${width - (k % 9)}:0.5`);

/** Bytes that `work` adds to what stands outside of the heap of objects. */
async function memoryOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  await work();
  return process.memoryUsage().rss - before;
}

test('a model of sparse rows comes back as one: its desk is bounded by the numbers that the rows have', {
  timeout: 60_000,
}, async () => {
  const data = join(folder, 'wide.svm');
  writeFileSync(data, `${wide.join('\n')}\n`);
  const run = { data, model: 'logistic', nodes: 1, epochs: 1, kernels: 'simd', threads: 1 } as const;
  const { model } = await train(run).result;
  const path = join(folder, 'wide.safetensors');
  await model.save(path);
  let rows = 0;
  const used = await memoryOf(async () => {
    const { model: again, dataset } = await openWithData(path, { data, part: 'all' });
    rows = dataset.rows;
    assert.ok(dataset.sparse);
    assert.ok(apart(predictAll(again, dataset), predictAll(model, dataset)) < 1e-6);
    // A few whole rows, too.
    again.predict(new Float32Array(2 * width));
  });
  assert.equal(rows, 300);
  assert.ok(used < 500e6, `${used} bytes`);
  // A file that says nothing of it is opened by what its rows are.
  const words = wordsOf('logistic', 'hearsay', kindOf([width], 2, { labels: ['-1', '1'] }));
  const tensors = [
    { name: 'weight', shape: [width, 1], values: model.weights.subarray(0, width) },
    { name: 'bias', shape: [1], values: model.weights.subarray(width) },
  ];
  const silent = join(folder, 'silent.safetensors');
  writeFileSync(silent, writeSafetensors(tensors, words));
  const other = await memoryOf(async () => {
    const { model: again, dataset } = await openWithData(silent, { data, part: 'all' });
    again.evaluate(dataset);
  });
  assert.ok(other < 500e6, `${other} bytes`);
});

test('a small file that claims more classes than its model can tell is refused', async () => {
  const one = [{ name: 'noise', shape: [1], values: Float32Array.of(1) }];
  for (const [classes, more] of [
    [2 ** 31, {}],
    [100_000, {}],
    [3, { entries: -1 }],
    [3, { entries: '1' }],
  ] as const) {
    const path = join(folder, 'claims.safetensors');
    const task = JSON.stringify({ shape: [2], classes, ...more });
    writeFileSync(path, writeSafetensors(one, { model: 'noise:1', layout: 'hearsay', task }));
    await assert.rejects(loadModel(path), { code: 'DATA_CORRUPT' });
    const data = join(folder, 'claims.csv');
    writeFileSync(data, '1,2,0\n1,2,1\n1,4,1\n');
    await assert.rejects(openWithData(path, { data, part: 'all' }), { code: 'DATA_CORRUPT' });
  }
  const few = writeSafetensors(one, { model: 'noise:1', layout: 'hearsay', task: JSON.stringify({ shape: [2], classes: 3 }) });
  assert.equal((await openStored(readModelFile(few, 'few'), 'few', {})).classes, 3);
});

test('a fault is told by its row in the file', async () => {
  const model = await made('mlp:3', kindOf([2], 2));
  const path = join(folder, 'mlp.safetensors');
  await model.save(path);
  const values = new Float32Array(2 * 3000);
  values[2 * 2500 + 1] = Number.NaN;
  const data = join(folder, 'nan.npy');
  writeFileSync(data, writeNpy({ shape: [3000, 2], values }));
  await assert.rejects(openWithData(path, { data }, true), {
    code: 'DATA_NONFINITE',
    message: /nan\.npy: row 2500, feature 1/,
  });
  const table = {
    name: 'rows',
    rows: 3000,
    features: 2,
    shape: [2],
    classes: 2,
    scale: 1,
    shift: 0,
    targets: new Int32Array(3000),
  };
  assert.throws(() => predictAll(model, { ...table, inputs: values }), { code: 'DATA_NONFINITE', message: /row 2500/ });
  const text = await made('transformer:1,1,2', { ...kindOf([3], 2), categories: [2], vocabulary: ['a', 'b'] });
  const characters = join(folder, 'text.safetensors');
  await text.save(characters);
  const tokens = new Uint8Array(3 * 3000);
  tokens[3 * 2900] = 2;
  writeFileSync(data, writeNpy({ shape: [3000, 3], values: tokens }));
  await assert.rejects(openWithData(characters, { data }, true), {
    code: 'DATA_LABEL',
    message: /nan\.npy: row 2900, feature 0/,
  });
});
