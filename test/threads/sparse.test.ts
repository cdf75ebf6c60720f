/** Sparse rows and ratings in whole runs: every way of working on them comes to the same bits again, and learns. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseExperiment } from '../../src/engine/experiment.js';
import { wakeOf } from '../../src/engine/wake.js';
import { type ExperimentInput, load, replay, simulate, train } from '../../src/index.js';
import { normal, source, uniform } from '../../src/random.js';
import { isWorthAPool } from '../../src/threads/mode.js';
import { draft, prepare } from '../../src/threads/prepare.js';
import { drawnSparse, libsvmText, wholeOf } from '../support/sparse.js';
import { timeless } from '../support/timeless.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-sparse-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'run.hearsay');

const rows = drawnSparse({ seed: 3, rows: 3000, features: 60, density: 0.1 });
const labels = join(folder, 'labels.svm');
writeFileSync(labels, libsvmText(rows));
const reals = join(folder, 'reals.svm');
writeFileSync(reals, libsvmText(drawnSparse({ seed: 4, rows: 2000, features: 40, density: 0.1, classes: 0 })));

/** Ratings of rank 2 with a little noise. */
const ratings = join(folder, 'ratings.csv');
const draws = source(5, 'ratings');
const of = (node: number, k: number) => normal(draws, node, k);
writeFileSync(
  ratings,
  Array.from({ length: 6000 }, (_, k) => {
    const [u, i] = [Math.floor(60 * uniform(draws, 1, k)), Math.floor(50 * uniform(draws, 2, k))];
    const z = 3 + 0.5 * of(3, u) + 0.5 * of(4, i) + of(5, u) * of(6, i) + of(7, u) * of(8, i) + 0.1 * of(9, k);
    return `u${u},i${i},${z.toFixed(4)}\n`;
  }).join(''),
);

const kinds: Record<string, ExperimentInput> = {
  logistic: { data: labels, model: 'logistic', optimizer: 'sgd:rate=0.2' },
  'hinge with a penalty': { data: labels, model: 'hinge:l2=1e-3', optimizer: 'sgd:rate=0.02,warmup=50' },
  ridge: { data: reals, model: 'ridge', optimizer: 'sgd:rate=0.1' },
  factorization: { data: `ratings:${ratings}`, model: 'factorization:3', optimizer: 'sgd:rate=0.05' },
};
const shared: ExperimentInput = { nodes: 4, threads: 2, batch: 2, epochs: 8, evaluateEvery: '1000s' };

for (const [name, kind] of Object.entries(kinds)) {
  test(`${name}: races of gossip, swarm and local come to their own bits again on 1 and 2 threads`, {
    timeout: 120_000,
  }, async () => {
    const scaled = name === 'factorization' ? [] : ['savic:steps=3']; // its gradients are whole ones
    for (const algorithm of ['gossip:steps=20', 'swarm', 'local:steps=30', ...scaled]) {
      const input = { ...shared, ...kind, algorithm, optimizer: kind.optimizer!.replace(',warmup=50', '') };
      const { done } = await train(input, { record: file }).result;
      for (const threads of [algorithm === 'swarm' ? 1 : 2])
        assert.equal((await replay(file, { threads }).result).parametersHash, done.parametersHash, algorithm);
    }
  });

  test(`${name}: in virtual time, alone and in a pool, the bits are the same`, { timeout: 120_000 }, async () => {
    for (const more of [{ algorithm: 'swarm:steps=25' }, { algorithm: 'gossip', kernels: 'reference' as const, epochs: 2 }]) {
      const alone = await simulate({ ...shared, ...kind, ...more, parallel: 'never' }).result;
      const pool = await simulate({ ...shared, ...kind, ...more, parallel: 'always' }).result;
      assert.deepEqual(timeless(pool), timeless(alone));
    }
  });

  test(`${name}: it learns, with swarm, local steps and Hogwild, in place and guarded`, { timeout: 120_000 }, async () => {
    for (const algorithm of ['swarm', 'local', 'hogwild', 'hogwild:mode=guarded']) {
      const { done } = await train({ ...shared, ...kind, algorithm, epochs: 30 }).result;
      if (done.accuracy !== null) assert.ok(done.accuracy > 0.85, `${algorithm}: accuracy ${done.accuracy}`);
      else assert.ok(done.loss < (name === 'ridge' ? 0.05 : 0.2), `${algorithm}: loss ${done.loss}`);
    }
  });
}

test('kernels of all sets come to the same bits, and another optimizer than plain sgd learns too', {
  timeout: 120_000,
}, async () => {
  for (const kind of Object.values(kinds)) {
    const hash = async (kernels: 'simd' | 'reference' | 'relaxed') =>
      (await simulate({ ...shared, ...kind, kernels, epochs: 2 }).result).done.parametersHash;
    assert.equal(await hash('reference'), await hash('simd'));
    assert.equal(await hash('relaxed'), await hash('simd'));
  }
  for (const [name, bound] of [
    ['logistic', 0.5],
    ['ridge', 0.5],
    ['factorization', 0.5],
  ] as const) {
    const { done } = await train({ ...shared, ...kinds[name], optimizer: 'adam:rate=0.02', epochs: 20 }).result;
    assert.ok(done.loss < bound, `${name}: loss ${done.loss}`);
  }
});

test('models of whole rows work on sparse files, and come to the bits that whole rows give', { timeout: 120_000 }, async () => {
  const csv = join(folder, 'labels.csv');
  const whole = wholeOf(rows);
  const line = (r: number) => [...whole.inputs.subarray(60 * r, 60 * (r + 1)), whole.targets[r]].join(',');
  writeFileSync(csv, `${Array.from({ length: 3000 }, (_, r) => line(r)).join('\n')}\n`);
  const hash = async (data: string) =>
    (await simulate({ ...shared, data, standardize: 'none', model: 'mlp:8', epochs: 2 }).result).done.parametersHash;
  assert.equal(await hash(labels), await hash(csv));
});

test('rows of nothing but ones are kept as columns alone, and are the same to every model', { timeout: 60_000 }, async () => {
  const path = join(folder, 'ones.svm');
  writeFileSync(path, libsvmText({ ...rows, inputs: new Float32Array(rows.inputs.length).fill(1) }));
  for (const model of ['logistic', 'mlp:4']) {
    const run = await simulate({ ...shared, data: path, model, optimizer: 'sgd:rate=0.2' }).result;
    const { test: tests } = await load(path);
    const { accuracy, loss } = run.model.evaluate(wholeOf(tests));
    assert.ok(Math.abs(accuracy! - run.done.accuracy!) < 1e-9 && Math.abs(loss - run.done.loss) < 1e-5, model);
  }
});

test('a linear machine takes whole rows too, standardized ones among them', { timeout: 60_000 }, async () => {
  const { done, model } = await train({ ...shared, data: 'synthetic:task=tanh,rows=400', model: 'ridge', epochs: 10 }).result;
  assert.ok(done.loss < 0.5);
  const { test: tests } = await load('synthetic:task=tanh,rows=400');
  assert.ok(Math.abs(model.evaluate(tests).loss - done.loss) < 1e-3);
  const standardized = await train({ ...shared, data: labels, standardize: 'features', model: 'hinge', epochs: 10 }).result;
  assert.ok(standardized.done.accuracy! > 0.85);
  assert.equal(standardized.model.predict(new Float32Array(120)).length, 4);
});

test('the model that a run leaves is judged and predicts on sparse rows and on whole ones alike', {
  timeout: 60_000,
}, async () => {
  const { done, model } = await train({ ...shared, ...kinds.logistic }).result;
  const { test: tests } = await load(labels);
  const whole = wholeOf(tests);
  for (const data of [tests, whole]) {
    const { loss, accuracy } = model.evaluate(data);
    assert.ok(Math.abs(loss - done.loss) < 1e-5 && Math.abs(accuracy! - done.accuracy!) < 1e-9);
  }
  const { offsets, columns } = tests.sparse!;
  const inputs = tests.inputs as Float32Array;
  assert.deepEqual(model.predict({ inputs, offsets, columns }), model.predict(whole.inputs as Float32Array));
  assert.throws(() => model.predict({ inputs, offsets, columns: columns.map(() => 60) }), { code: 'DATA_CORRUPT' });
  const dense = await train({ ...shared, data: labels, model: 'mlp:4', standardize: 'features', epochs: 1 }).result;
  // What they were standardized by is done to sparse rows too: they are made whole for it.
  assert.deepEqual(dense.model.predict({ inputs, offsets, columns }), dense.model.predict(whole.inputs as Float32Array));
  assert.deepEqual(dense.model.evaluate(tests), dense.model.evaluate(whole));
});

test('a piece of work is as long as makes copies and mixes a small part, unless steps are asked for', async () => {
  const open = async (more: ExperimentInput) => (await draft(parseExperiment({ ...shared, ...kinds.logistic, ...more }))).recipe;
  const model = { parameters: 124, touched: (entries: number) => entries + 1 };
  const wake = wakeOf(model, { features: 123, entries: 14, rows: 1e6 }, 2, 1)!;
  assert.ok(!wake.isPass && wake.shareOf(wake.steps) <= 0.05 && wake.shareOf(wake.steps) > 0.049);
  assert.equal(wakeOf(model, { features: 123, entries: 14, rows: 1e6 }, 2, 32)!.steps, Math.ceil(wake.steps / 32));
  const many = (await open({ nodes: 30, batch: 1 })).wake!;
  assert.deepEqual([many.isPass, many.steps], [true, 160]);
  assert.equal((await open({ model: 'mlp:4' })).wake, undefined);
  const exchanges = async (algorithm: string) =>
    (await simulate({ ...shared, ...kinds.logistic, algorithm, steps: 400, epochs: undefined }).result).done.exchanges;
  assert.ok((await exchanges('swarm:steps=2')) > 150);
  assert.ok((await exchanges('swarm')) < 20);
});

test('where each step passes over all parameters, pieces are as long as the algorithm says', { timeout: 60_000 }, async () => {
  const open = async (more: ExperimentInput) => (await draft(parseExperiment({ ...shared, ...kinds.logistic, ...more }))).recipe;
  for (const more of [
    ...['adam:rate=0.02', 'sgd:rate=0.2,momentum=0.5', 'sgd:rate=0.2,decay=0.01', 'sgd:rate=0.2,clip=1'].map(optimizer => ({
      optimizer,
    })),
    ...['savic', 'stardust', 'choco:quasi=0.5'].map(algorithm => ({ algorithm })),
  ]) {
    assert.equal((await open(more)).wake, undefined, JSON.stringify(more));
  }
  for (const more of [{ algorithm: 'swarm' }, { algorithm: 'choco' }, { optimizer: 'sgd:rate=0.2,warmup=5' }])
    assert.ok((await open(more)).wake, JSON.stringify(more));
  // swarm's own steps are 4: 1600 in pieces of them
  const input = { ...shared, ...kinds.logistic, optimizer: 'adam:rate=0.02', algorithm: 'swarm', steps: 1600, epochs: undefined };
  assert.ok((await simulate(input).result).done.exchanges > 300);
});

test('a pool is taken by what a piece of work costs: its steps, and passes of each over all parameters', async () => {
  const worth = async (more: ExperimentInput) => {
    const { experiment, recipe, task } = await draft(parseExperiment({ ...shared, ...kinds.logistic, batch: 1, ...more }));
    return isWorthAPool({ ...experiment, parallel: 'auto' }, recipe, { set: 'simd', note: '' }, task);
  };
  assert.equal(await worth({ algorithm: 'swarm' }), true);
  assert.equal(await worth({ algorithm: 'swarm:steps=2' }), false);
  assert.equal(await worth({ algorithm: 'adpsgd' }), false); // always one step
  const wide = join(folder, 'wide.svm');
  writeFileSync(wide, libsvmText(drawnSparse({ seed: 6, rows: 100, features: 9000, density: 0.001 })));
  assert.equal(await worth({ data: wide, algorithm: 'adpsgd' }), false);
  assert.equal(await worth({ data: wide, algorithm: 'adpsgd', optimizer: 'adam:rate=0.02' }), true);
});

test('a sweep and a chunk of test rows that end at the same number are two batches', { timeout: 60_000 }, async () => {
  const few = join(folder, 'few.csv');
  writeFileSync(few, Array.from({ length: 125 }, (_, k) => `u${k % 7},i${k % 11},${1 + (k % 5)}\n`).join(''));
  const common = { data: `ratings:${few}`, model: 'factorization:2', optimizer: 'sgd:rate=0.05', nodes: 1, threads: 1, batch: 1 };
  const { layout } = (await prepare(parseExperiment({ ...common, epochs: 1 }))).arena;
  const { test: tests } = await load(common.data);
  const steps = layout.test.targets - layout.train.targets + tests.rows;
  assert.ok(steps > tests.rows && steps < 8192);
  const { done, model } = await simulate({ ...common, algorithm: `none:steps=${steps}`, steps, evaluateEvery: '100000' }).result;
  assert.ok(Math.abs(model.evaluate(tests).loss - done.loss) < 1e-5, `${model.evaluate(tests).loss} ${done.loss}`);
});

test('the numbers of a table are looked through once, however many shapes are asked for', async () => {
  const split = await load(labels);
  let looks = 0;
  for (const { inputs } of [split.train, split.test]) {
    const every = inputs.every.bind(inputs) as typeof inputs.every;
    Object.defineProperty(inputs, 'every', {
      value: (look: never) => {
        looks++;
        return every(look);
      },
    });
  }
  const drawn = await draft(parseExperiment({ ...shared, ...kinds.logistic }), { split });
  for (let threads = 1; threads <= 4; threads++) drawn.shapeOf('live', threads);
  assert.equal(looks, 2);
});

const a9a = '../shared/data/libsvm/a9a.gz';
const without = existsSync(a9a) ? false : 'no ../shared/data';

test('a9a, sparse: 84.8 % or more with logistic and hinge', { timeout: 120_000, skip: without }, async () => {
  for (const model of ['logistic:l2=1e-5', 'hinge:l2=1e-5']) {
    const { done } = await train({
      ...{ data: a9a, model, nodes: 16, threads: 2, batch: 1, epochs: 40, evaluateEvery: '1000s' },
      optimizer: 'sgd:rate=0.02,schedule=cosine',
    }).result;
    assert.ok(done.accuracy! >= 0.848, `${model}: ${done.accuracy}`);
  }
});
