/** A Keras-style network through TensorFlow.js: two nodes on two threads, in virtual time, and played again to the same bits. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { type ExperimentInput, replay, simulate, train } from '../../src/index.js';
import { openTensorFlow } from '../../src/models/tensorflow/backend.js';
import { saveModel } from '../support/savedmodel.js';

await openTensorFlow(import.meta.url); // or it advertises on the terminal

const folder = mkdtempSync(join(tmpdir(), 'hearsay-keras-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'run.hearsay');
const keras = new URL('../../examples/keras.js', import.meta.url);
const limited = { timeout: 60_000 };

/** Rows of a picture of 6 x 6 pixels: bright above or below, left or right. */
function pictures(): string {
  const lines = Array.from({ length: 96 }, (_, row) => {
    const label = row % 4;
    const pixels = Array.from({ length: 36 }, (_, k) => {
      const isBright = Math.floor(k / 6) >= 3 === label >= 2 && k % 6 >= 3 === (label % 2 === 1);
      return (isBright ? 0.8 : 0.1) + ((row * 37 + k * 11) % 20) / 100;
    });
    return [...pixels, label].join(',');
  });
  const path = join(folder, 'pictures.csv');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const digits: ExperimentInput = {
  data: 'digits:60',
  model: `${keras.href}:filters=2`,
  nodes: 2,
  threads: 2,
  batch: 4,
  steps: 24,
  seed: 3,
  evaluateEvery: '12',
};

test('two nodes on two threads, recorded, and played again with the same hash', limited, async t => {
  const { start, samples, done } = await train(digits, { record: file }).result;
  t.diagnostic(`the backend that ran: ${start.model.backend?.name}`);
  assert.match(start.model.backend!.name, /^tfjs 4\.\S+ (cpu|tensorflow)$/);
  assert.equal(start.kernels.note, 'the model has its own');
  assert.equal(start.modules.model?.length, 64);
  assert.equal(done.steps >= 24, true);
  assert.ok(
    done.perThread.every(({ steps }) => steps > 0),
    'both threads trained',
  );
  assert.ok(samples.every(({ loss }) => Number.isFinite(loss)));
  for (const threads of [1, 2]) assert.equal((await replay(file, { threads }).result).parametersHash, done.parametersHash);
});

test('in virtual time the bytes are the same on one thread and on two, dropout and all', limited, async () => {
  const runs = [];
  for (const [threads, parallel] of [
    [1, 'never'],
    [2, 'always'],
  ] as const) {
    const { seconds, ...virtual } = { ...digits, threads, parallel, seconds: null };
    runs.push((await simulate(virtual as ExperimentInput).result).done.parametersHash);
  }
  assert.equal(runs[0], runs[1]);
});

test('a model that a promise brings learns from rows of numbers, and predicts', limited, async () => {
  const module = join(folder, 'promised.mjs');
  writeFileSync(
    module,
    `import * as tf from ${JSON.stringify(import.meta.resolve('@tensorflow/tfjs'))};
export default async (_, { classes }) => {
  await tf.ready();
  return tf.sequential({ layers: [
    tf.layers.reshape({ targetShape: [6, 6, 1], inputShape: [36] }),
    tf.layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', kernelInitializer: tf.initializers.heNormal({ seed: 5 }) }),
    tf.layers.batchNormalization({ momentum: 0.8 }),
    tf.layers.flatten(),
    tf.layers.dense({ units: classes, activation: 'softmax', kernelInitializer: tf.initializers.glorotUniform({ seed: 6 }) }),
  ] });
};
`,
  );
  const input: ExperimentInput = {
    data: pictures(),
    model: module,
    nodes: 2,
    threads: 2,
    batch: 8,
    epochs: 10,
    optimizer: 'sgd:rate=0.1',
  };
  const { samples, model, done } = await train(input, { record: file }).result;
  assert.ok(samples.at(-1)!.loss < 0.6 * samples[0].loss, samples.map(({ loss }) => loss.toFixed(3)).join(' '));
  const predicted = model.predict(new Float32Array(72).fill(0.5));
  assert.equal(predicted.length, 8);
  assert.ok(Math.abs(predicted.subarray(0, 4).reduce((a, b) => a + b) - 1) < 1e-5);
  assert.equal((await replay(file, { threads: 2 }).result).parametersHash, done.parametersHash);
});

test('a saved model goes on from its weights; a history of it is refused when its files have changed', limited, async () => {
  const dense = tf.layers.dense({ units: 4, inputShape: [36], activation: 'softmax' });
  const saved = tf.sequential({ layers: [dense] });
  const path = await saveModel(saved, folder);
  const input: ExperimentInput = { data: pictures(), model: `tfjs:${path}`, nodes: 2, threads: 2, batch: 8, epochs: 4 };
  const { start, samples, done } = await train(input, { record: file }).result;
  assert.equal(start.model.name, `tfjs:${path}`);
  assert.ok(samples.at(-1)!.loss < samples[0].loss);
  assert.equal((await replay(file, { threads: 1 }).result).parametersHash, done.parametersHash);
  dense.setWeights([tf.ones([36, 4]), tf.zeros([4])]);
  await saveModel(saved, folder);
  await assert.rejects(replay(file).result, { code: 'HISTORY_MISMATCH', message: /starting weights differ/ });
  await saveModel(saved, folder, 100);
  await assert.rejects(replay(file).result, { code: 'HISTORY_MISMATCH', message: /tfjs:.*model\.json, has changed since/ });
});

test('what its function throws, and what the data do not fit, is told before a thread starts', limited, async () => {
  await assert.rejects(train({ ...digits, model: `${keras.href}:filters=x` }).result, { code: 'MODULE_INVALID' });
  await assert.rejects(train({ ...digits, data: 'synthetic:task=linear,features=4' }).result, { code: 'MODULE_INVALID' });
});

test('in a run weight decay leaves frozen weights alone, also beside an algorithm that looks at gradients', limited, async () => {
  const frozen = tf.layers.dense({ units: 5, inputShape: [36], activation: 'tanh', trainable: false });
  const saved = tf.sequential({ layers: [frozen, tf.layers.dense({ units: 4, activation: 'softmax' })] });
  const model = `tfjs:${await saveModel(saved, folder)}`;
  const data = pictures();
  const common = { data, model, nodes: 2, threads: 1, batch: 8, epochs: 2, optimizer: 'sgd:rate=0.1,decay=1' };
  const expected = frozen.getWeights().flatMap(weight => [...weight.dataSync()]);
  for (const algorithm of ['gossip', 'savic:over=gossip']) {
    const { model: learnt } = await train({ ...common, algorithm } as ExperimentInput).result;
    const found = learnt.weights.subarray(5 * 4 + 4);
    assert.equal(found.length, expected.length);
    for (const [k, w] of expected.entries()) assert.ok(Math.abs(found[k] - w) < 1e-5, `${algorithm}: ${found[k]}, not ${w}`);
  }
});
