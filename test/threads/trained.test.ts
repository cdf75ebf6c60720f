/** The model that a run leaves does to raw rows what training did to its own, and says no to what it cannot judge. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Dataset, load, train } from '../../src/index.js';
import { readSafetensors } from '../../src/models/formats/safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

/** 300 rows of three classes, by the first column; the units of the columns are far apart, and one is constant. */
const table = join(folder, 'units.csv');
const rows = Array.from({ length: 300 }, (_, k) => [1e6 + k * 100, ((k * 37) % 101) / 1e4, 7, `class ${Math.floor(k / 100)}`]);
writeFileSync(table, `a,b,c,label\n${rows.map(row => row.join(',')).join('\n')}\n`);
const run = { model: 'softmax', nodes: 4, batch: 8, epochs: 20, kernels: 'simd', threads: 1 } as const;

test('a model of standardized data judges and predicts raw rows, in whatever form they come', { timeout: 60_000 }, async () => {
  for (const [data, standardize] of [
    [table, 'auto'],
    [table, 'whole'],
    ['digits:400', 'features'],
    ['digits:400', 'whole'],
    ['digits:400', 'none'],
  ] as const) {
    const what = `${data} ${standardize}`;
    const { model, done } = await train({ ...run, data, standardize }).result;
    for (const how of [standardize, 'none', 'whole'] as const) {
      const { test: held } = await load(data, { standardize: how });
      const { loss, accuracy } = model.evaluate(held);
      assert.ok(
        Math.abs(accuracy! - done.accuracy!) < 1e-9,
        `${what}: ${accuracy} on data loaded with ${how}, ${done.accuracy} in the run`,
      );
      assert.ok(Math.abs(loss - done.loss) < 1e-4 * (1 + done.loss), `${what}: ${loss} against ${done.loss}`);
    }
    const { test: raw } = await load(data, { standardize: 'none' });
    const numbers = Array.from(raw.inputs, input => input * raw.scale + raw.shift);
    const chances = model.predict(numbers);
    const right = Array.from(raw.targets).filter((label, row) => {
      const own = Array.from(chances.subarray(row * raw.classes, (row + 1) * raw.classes));
      return own.indexOf(Math.max(...own)) === label;
    });
    assert.equal(right.length / raw.rows, done.accuracy, what);
    for (const same of [model.predict(raw.inputs), model.predict(Float64Array.from(numbers))]) {
      same.forEach((chance, k) => void assert.ok(Math.abs(chance - chances[k]) < 1e-4, what));
    }
  }
});

test('the file has what a row needs to be read as the model read it', { timeout: 60_000 }, async () => {
  const { model } = await train({ ...run, data: table }).result;
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, 'the model before');
  await model.save(path);
  assert.ok(!readdirSync(folder).some(name => name.endsWith('.tmp')));
  const { tensors } = readSafetensors(readFileSync(path), path);
  const named = new Map(tensors.map(({ name, values, doubles }) => [name, doubles ?? values]));
  assert.deepEqual(named.get('input.mean'), model.standard!.mean);
  assert.deepEqual(named.get('input.factor'), model.standard!.factor);
  assert.equal(named.get('input.factor')![2], 0, 'a constant column');
  assert.ok(Math.abs(model.standard!.mean[0] - 1e6 - 14_950) < 3000);
  await assert.rejects(model.save(join(folder, 'none', 'model')), { code: 'OUTPUT_UNWRITABLE' });
});

test('what a model cannot judge is said, not judged', { timeout: 60_000 }, async () => {
  const { model } = await train({ ...run, data: table, epochs: 1 }).result;
  const { test: own } = await load(table);
  const other = await load('digits:50');
  const changed = (part: Partial<Dataset>): Dataset => ({ ...own, ...part });
  for (const [dataset, code] of [
    [other.test, 'DATA_CORRUPT'],
    [other, 'CONFIG_TYPE'],
    [undefined, 'CONFIG_TYPE'],
    ['digits', 'CONFIG_TYPE'],
    [changed({ classes: 4 }), 'DATA_CORRUPT'],
    [changed({ classes: 0, targets: new Float32Array(own.rows) }), 'DATA_CORRUPT'],
    [changed({ rows: own.rows + 1 }), 'DATA_CORRUPT'],
    [changed({ inputs: own.inputs.map(() => Number.NaN) }), 'DATA_NONFINITE'],
    [changed({ targets: own.targets.map(() => 9) }), 'DATA_LABEL'],
  ] as const) {
    assert.throws(() => model.evaluate(dataset as Dataset), { name: 'HearsayError', code }, code);
  }
  for (const [inputs, code] of [
    [[1, 2], 'DATA_CORRUPT'],
    [[1, 2, Number.NaN], 'DATA_NONFINITE'],
    [['1', '2', '3'], 'CONFIG_TYPE'],
    [[[1, 2, 3]], 'DATA_CORRUPT'],
    [
      [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
      ],
      'CONFIG_TYPE',
    ],
    [4, 'CONFIG_TYPE'],
    [undefined, 'CONFIG_TYPE'],
  ] as const) {
    assert.throws(() => model.predict(inputs as never), { name: 'HearsayError', code }, JSON.stringify(inputs));
  }
  assert.equal(model.predict([1e6, 0, 7]).length, 3);
});

test('a model of numbers of things refuses those that it was not trained for', { timeout: 60_000 }, async () => {
  const ratings = (name: string, users: number) => {
    const path = join(folder, name);
    writeFileSync(path, Array.from({ length: 60 }, (_, k) => `u${k % users},i${k % 4},${k % 5}\n`).join(''));
    return `ratings:${path}`;
  };
  const data = ratings('few', 3);
  const { model } = await train({ ...run, data, model: 'linear', epochs: 1, optimizer: 'sgd:rate=0.01' }).result;
  model.evaluate((await load(data)).test);
  assert.equal(model.predict([2, 3, 0, 0]).length, 2);
  const unknown = { code: 'DATA_LABEL', message: /^predict: row 1, feature 0 is 3, allowed is a whole number from 0 to 2/ };
  assert.throws(() => model.predict([2, 3, 3, 0]), unknown);
  const { train: more } = await load(ratings('more', 5));
  assert.throws(() => model.evaluate(more), { code: 'DATA_LABEL', message: /^evaluate: / });
});
