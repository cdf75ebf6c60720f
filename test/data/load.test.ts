import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { checkDataset } from '../../src/data/check.js';
import { parseCsv } from '../../src/data/csv.js';
import type { Dataset } from '../../src/data/dataset.js';
import { holdOut } from '../../src/data/holdout.js';
import { load } from '../../src/data/load.js';
import { byteScale, standardize, writeValues } from '../../src/data/standardize.js';
import { reading } from '../../src/data/table.js';
import { cpuMilliseconds } from '../support/cpu.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-load-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  mkdirSync(resolve(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const seed = 1;

const images = (count: number) => Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2, ...Array(count * 4).fill(9));
const labels = (...values: number[]) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, values.length, ...values);

function valuesOf(dataset: Dataset): Float32Array {
  const values = new Float32Array(dataset.inputs.length);
  writeValues(values, dataset.inputs, 0, dataset.features, dataset, dataset.standard);
  return values;
}

test('what belongs to tables is refused elsewhere', async () => {
  const folder = 'belongs';
  for (const [part, rows] of [
    ['train', 3],
    ['t10k', 2],
  ] as const) {
    file(`${folder}/${part}-images-idx3-ubyte`, images(rows));
    file(`${folder}/${part}-labels-idx1-ubyte`, labels(...Array.from({ length: rows }, (_, k) => k)));
  }
  const idx = resolve(file(`${folder}/x`, ''), '..');
  const svm = file('belongs.svm', '1 1:0.5\n-1 2:1\n1 2:1\n');
  for (const spec of ['digits', 'digits:50', 'synthetic', 'synthetic:rows=50', idx]) {
    await load(spec);
    await assert.rejects(load(spec, { test: '/nope' }), { code: 'CONFIG_RANGE', message: /^test: .*belongs to tables/ }, spec);
    await assert.rejects(load(spec, { target: '3' }), { code: 'CONFIG_RANGE', message: /^target: .*belongs to CSV/ }, spec);
  }
  await assert.rejects(load(svm, { target: '3' }), { code: 'CONFIG_RANGE', message: /^target: .*LIBSVM/ });
  await assert.rejects(load(svm, { test: '/nope' }), { code: 'DATA_NOT_FOUND' });
});

test('digits, and digits of a given number', async () => {
  const { train, test } = await load('digits:50', { seed });
  assert.deepEqual([train.rows, test.rows, train.features], [50, 10, 784]);
  assert.deepEqual((await load('digits:50', { seed })).train, train);
  assert.notDeepEqual((await load('digits:50', { seed: 2 })).train, train);
  const scaled = await load('digits:50', { seed, standardize: 'features' });
  assert.deepEqual(scaled.train.inputs, train.inputs, 'inputs stay as they were read');
  assert.deepEqual(scaled.train.standard, scaled.test.standard);
  assert.equal(scaled.train.standard!.mean.length, 784);
  assert.deepEqual((await load('digits:50')).train, train, 'seed 1 by default');
  await assert.rejects(load(undefined as never), { code: 'CONFIG_TYPE' });
  for (const spec of ['digits:', 'digits:0', 'digits:-5', 'digits:1e3', 'digits:2.5', 'digits:3000000', 'digits:x']) {
    await assert.rejects(load(spec, { seed }), { code: 'CONFIG_RANGE' }, spec);
  }
});

test('left to itself the scale is that of images as a whole, and of each column of a table', async () => {
  const { train, test } = await load('digits:200', { seed });
  assert.ok(train.inputs instanceof Uint8Array, 'bytes stay bytes');
  const { scale, shift } = byteScale(train, train.standard);
  const values = Array.from(train.inputs, byte => byte * scale + shift);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  assert.ok(Math.abs(mean) < 1e-9 && Math.abs(variance - 1) < 1e-9, `${mean} ${variance}`);
  assert.deepEqual(test.standard, train.standard);
  assert.deepEqual(await load('digits:200', { seed, standardize: 'whole' }), { train, test });
  const raw = await load('digits:200', { seed, standardize: 'none' });
  assert.deepEqual([raw.train.scale, raw.train.shift, raw.train.standard], [1 / 255, 0, undefined]);
  const path = file('scales.csv', 'a,b,y\n1,1000,0\n2,3000,1\n3,2000,0\n4,1000,1\n5,2000,0\n');
  assert.deepEqual(await load(path, { seed }), await load(path, { seed, standardize: 'features' }));
});

test('a folder of IDX files, in both spellings, plain or compressed', async () => {
  file('a/train-images-idx3-ubyte', images(3));
  file('a/train-labels-idx1-ubyte.gz', gzipSync(labels(0, 2, 1)));
  file('a/t10k-images.idx3-ubyte', images(2));
  file('a/t10k-labels.idx1-ubyte.gz', gzipSync(labels(1, 0)));
  const seen: string[] = [];
  const { train, test } = await load(join(folder, 'a'), { seed, progress: name => seen.push(name) });
  assert.deepEqual([train.rows, test.rows, train.classes, test.classes, train.shape], [3, 2, 3, 3, [2, 2]]);
  assert.ok(train.inputs instanceof Uint8Array);
  assert.ok(seen.length >= 6);
  file('b/train-images-idx3-ubyte', images(3));
  await assert.rejects(load(join(folder, 'b'), { seed }), { code: 'DATA_NOT_FOUND', message: /train-labels/ });
  file('b/train-labels-idx1-ubyte', labels(0, 1));
  await assert.rejects(load(join(folder, 'b'), { seed }), { code: 'DATA_CORRUPT', message: /3 inputs/ });
  file('a/t10k-labels.idx1-ubyte.gz', gzipSync(labels(1, 3)));
  await assert.rejects(load(join(folder, 'a'), { seed }), { code: 'DATA_LABEL' });
  await assert.rejects(load(join(folder, 'b/train-images-idx3-ubyte'), { seed }), { code: 'DATA_NOT_FOUND', message: /folder/ });
  file('a/t10k-labels.idx1-ubyte.gz', gzipSync(labels(1, 0)));
  file('a/t10k-images.idx3-ubyte', Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4, ...Array(8).fill(9)));
  await assert.rejects(load(join(folder, 'a'), { seed }), { code: 'DATA_CORRUPT', message: /1 x 4.*2 x 2/ });
});

test('what is no data is refused by name', async () => {
  const bad = async (path: string, code: string) => assert.rejects(load(path, { seed }), { code }, path);
  await bad(join(folder, 'nowhere'), 'DATA_NOT_FOUND');
  await bad(join(folder, 'nowhere/at/all'), 'DATA_NOT_FOUND');
  await bad('', 'DATA_NOT_FOUND');
  await bad('a\0b', 'DATA_NOT_FOUND');
  await bad(folder, 'DATA_NOT_FOUND');
  await bad(file('empty.csv', ''), 'DATA_CORRUPT');
  await bad(file('empty.gz', gzipSync('')), 'DATA_CORRUPT');
  await bad(file('binary', Uint8Array.of(80, 75, 3, 4, 0, 0)), 'DATA_CORRUPT');
  await bad(file('short.gz', gzipSync('1,2\n3,4\n').subarray(0, 15)), 'DATA_CORRUPT');
  await bad(file('one.csv', '1,2.5\n1,2\n').replace('one', 'two'), 'DATA_NOT_FOUND');
  await bad(file('bomb.gz', gzipSync(Buffer.alloc(90 * 2 ** 20, '1,2\n'))), 'DATA_TOO_LARGE');
  await assert.rejects(load(join(folder, 'one.csv'), { seed, test: join(folder, 'nowhere') }), { code: 'DATA_NOT_FOUND' });
  if (process.platform !== 'win32') {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    await assert.rejects(load(join(folder, 'fifo'), { seed }), { code: 'DATA_NOT_FOUND', message: /FIFO/ });
    await assert.rejects(load('/dev/null', { seed }), { code: 'DATA_NOT_FOUND', message: /device/ });
  }
});

test('tables: the test file beside it, or one that is named, or rows held out', async () => {
  const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => `${from + i},${i % 2}`).join('\n');
  const path = file('c.csv', rows(0, 100));
  const held = await load(path, { seed, standardize: 'none' });
  assert.deepEqual([held.train.rows, held.test.rows], [80, 20]);
  assert.deepEqual(
    Array.from([...held.train.inputs, ...held.test.inputs]).sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.deepEqual(await load(path, { seed, standardize: 'none' }), held);
  assert.notDeepEqual((await load(path, { seed: 2, standardize: 'none' })).test.inputs, held.test.inputs);
  assert.equal((await load(path, { seed, holdOut: 0.5 })).test.rows, 50);
  const named = await load(path, { seed, test: file('other.csv', rows(1000, 7)), standardize: 'none' });
  assert.deepEqual([named.train.rows, named.test.rows, named.test.inputs[0]], [100, 7, 1000]);
  file('c.csv.t', rows(2000, 3));
  assert.equal((await load(path, { seed })).test.rows, 3);
  const train = file('set.train.libsvm.gz', gzipSync('1 1:1\n-1 2:1\n'));
  file('set.test.libsvm', '-1 5:1\n');
  const split = await load(train, { seed });
  assert.deepEqual([split.train.features, split.test.features, Array.from(split.test.targets)], [5, 5, [0]]);
  file('set.test.libsvm', '3 5:1\n');
  await assert.rejects(load(train, { seed }), {
    code: 'DATA_LABEL',
    message: /set\.test\.libsvm: row 0 has label 3, allowed: -1, 1/,
  });
});

test('columns get mean 0 and deviation 1 by the training rows; constant ones become 0; targets stay', async () => {
  const table = Array.from({ length: 200 }, (_, i) => `${1e6 + i},0.1,${(i * 37) % 101},${i + 0.5}`).join('\n');
  const { train, test } = await load(file('d.csv', table), { seed });
  const { features, rows } = train;
  const inputs = valuesOf(train);
  for (let k = 0; k < features; k++) {
    const column = Array.from({ length: rows }, (_, row) => inputs[row * features + k]);
    const mean = column.reduce((sum, value) => sum + value / rows, 0);
    const square = column.reduce((sum, value) => sum + (value - mean) ** 2 / rows, 0);
    assert.ok(Math.abs(mean) < 1e-6, `mean ${mean}`);
    assert.ok(Math.abs(square - (k === 1 ? 0 : 1)) < 1e-5, `column ${k}: variance ${square}`);
  }
  assert.ok(valuesOf(test).every(Number.isFinite) && train.targets.every(value => value % 1 === 0.5));
  const raw = await load(join(folder, 'd.csv'), { seed, standardize: 'none' });
  assert.deepEqual([raw.train.inputs, raw.train.standard], [train.inputs, undefined]);
  const far: Dataset = { ...raw.train, inputs: raw.train.inputs.map(value => value * 3) };
  assert.ok(valuesOf(standardize({ train: raw.train, test: far }).test).every(Number.isFinite));
});

test('a hold-out keeps bytes bytes, and needs two rows', () => {
  const data = {
    name: 'x',
    rows: 3,
    features: 1,
    inputs: Uint8Array.of(5, 6, 7),
    scale: 1,
    shift: 0,
    shape: [1],
    targets: Int32Array.of(0, 1, 0),
    classes: 2,
  };
  const { train, test } = holdOut(data, 0.2, 1);
  assert.deepEqual([train.rows, test.rows, train.inputs instanceof Uint8Array], [2, 1, true]);
  assert.throws(() => holdOut({ ...data, rows: 1 }, 0.2, 1), { code: 'DATA_TOO_SMALL' });
});

test('a data set that does not keep the contract is refused', () => {
  const good: Dataset = {
    name: 'x',
    rows: 2,
    features: 2,
    inputs: new Float32Array(4),
    scale: 1,
    shift: 0,
    shape: [2],
    targets: Int32Array.of(0, 1),
    classes: 2,
  };
  checkDataset(good);
  const bad = (change: Partial<Dataset>, code: string) =>
    assert.throws(() => checkDataset({ ...good, ...change }), { code }, JSON.stringify(change));
  bad({ rows: 0 }, 'DATA_CORRUPT');
  bad({ rows: 3 }, 'DATA_CORRUPT');
  bad({ features: 0 }, 'DATA_CORRUPT');
  bad({ shape: [3] }, 'DATA_CORRUPT');
  bad({ scale: Number.NaN }, 'DATA_CORRUPT');
  bad({ targets: Int32Array.of(0) }, 'DATA_CORRUPT');
  bad({ targets: Int32Array.of(0, 2) }, 'DATA_LABEL');
  bad({ targets: Int32Array.of(0, -1) }, 'DATA_LABEL');
  bad({ targets: Float32Array.of(0, 0.5) }, 'DATA_LABEL');
  bad({ classes: 0, targets: Float32Array.of(0, Number.NaN) }, 'DATA_NONFINITE');
  bad({ inputs: Float32Array.of(0, 0, Number.POSITIVE_INFINITY, 0) }, 'DATA_NONFINITE');
});

// Data that lie beside the project on some machines.
const shared = resolve('../shared/data');
const skip = existsSync(shared) ? false : `there is no ${shared}`;

test('MNIST: all four files, in under a second when the machine is free', { skip }, async () => {
  const start = cpuMilliseconds();
  const { train, test } = await load(join(shared, 'mnist'), { seed });
  const taken = cpuMilliseconds() - start;
  assert.deepEqual([train.rows, test.rows, train.features, train.classes], [60_000, 10_000, 784, 10]);
  assert.deepEqual(Array.from(train.targets.subarray(0, 8)), [5, 0, 4, 1, 9, 2, 1, 3]);
  const raw = gunzipSync(readFileSync(join(shared, 'mnist/train-images-idx3-ubyte.gz')));
  assert.ok(raw.subarray(16).equals(train.inputs as Uint8Array));
  assert.ok(taken < 4000, `${taken} ms`);
});

test('a9a, agaricus, heart_scale: rows, widths, classes as documented', { skip }, async () => {
  const a9a = await load(join(shared, 'libsvm/a9a.gz'), { seed });
  assert.deepEqual(
    [a9a.train.rows, a9a.test.rows, a9a.train.features, a9a.test.features, a9a.train.classes],
    [32_561, 16_281, 123, 123, 2],
  );
  assert.equal(Array.from(a9a.train.targets).filter(label => label === 1).length, 7841);
  const mushrooms = await load(join(shared, 'libsvm/agaricus.txt.train'), { seed });
  assert.deepEqual([mushrooms.train.rows, mushrooms.test.rows, mushrooms.train.features], [6513, 1611, 126]);
  const heart = await load(join(shared, 'libsvm/heart_scale'), { seed });
  assert.deepEqual([heart.train.rows + heart.test.rows, heart.train.features, heart.train.classes], [270, 13, 2]);
});

test('iris and Boston housing load; what is broken in the others is named', { skip }, async () => {
  const iris = await load(join(shared, 'uci/iris.csv'), { seed });
  assert.deepEqual([iris.train.rows + iris.test.rows, iris.train.features, iris.train.classes], [150, 4, 3]);
  const boston = await load(join(shared, 'uci/housing.data'), { seed });
  assert.deepEqual([boston.train.rows + boston.test.rows, boston.train.features, boston.train.classes], [506, 13, 0]);
  const gap = { code: 'DATA_NONFINITE', message: /row 290 \(line 292\), column "total_bedrooms"/ };
  await assert.rejects(load(join(shared, 'uci/california-housing.csv'), { seed, target: 'median_house_value' }), gap);
  await assert.rejects(load(join(shared, 'uci/wdbc.data'), { seed }), { code: 'DATA_CORRUPT', message: /line 2 has 32 fields/ });
  const text = readFileSync(join(shared, 'uci/wdbc.data'), 'utf8');
  const table = parseCsv(Buffer.from(text.slice(text.indexOf('\n') + 1)), 'wdbc');
  const wdbc = reading(table, '2').apply(table);
  assert.deepEqual([wdbc.rows, wdbc.features, wdbc.classes, wdbc.targets[0]], [569, 31, 2, 1]);
  await assert.rejects(load(join(shared, 'broken/truncated-train-images-idx3-ubyte.gz'), { seed }), {
    code: 'DATA_CORRUPT',
    message: /offset 2119680/,
  });
  await assert.rejects(load(join(shared, 'broken/object-array.npy'), { seed }), { code: 'DATA_CORRUPT' });
});
