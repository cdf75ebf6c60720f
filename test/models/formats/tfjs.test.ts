/** Networks as Keras models, read by TensorFlow.js: the same predictions from the same raw rows. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import type { Kind } from '../../../src/threads/modelfile.js';
import type { TrainedModel } from '../../../src/threads/trained.js';
import { anyLayers } from '../../support/anylayers.js';
import { apart, examples, kindOf, made, requireTelling, rowsFor } from '../../support/made.js';
import { requireRawRows } from '../../support/rawrows.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
await tf.setBackend('cpu');

/** Reads the files as a browser would fetch them. */
async function load(path: string): Promise<tf.LayersModel> {
  const { modelTopology, weightsManifest, ...rest } = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'));
  const shards = weightsManifest
    .flatMap(({ paths }: { paths: string[] }) => paths)
    .map((name: string) => readFileSync(join(path, name)));
  const bytes = Buffer.concat(shards);
  const weightData = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const weightSpecs = weightsManifest.flatMap(({ weights }: { weights: tf.io.WeightsManifestEntry[] }) => weights);
  return tf.loadLayersModel({ load: async () => ({ ...rest, modelTopology, weightSpecs, weightData }) });
}

async function predicted(
  model: TrainedModel,
  { shape, categories }: Kind,
  inputs: Float32Array | Uint8Array,
): Promise<Float32Array> {
  const isBytes = inputs instanceof Uint8Array;
  const path = join(folder, 'model');
  const files = await model.export(path, { format: 'tfjs', ...(isBytes && { inputs: 'bytes' }) });
  assert.equal(files.at(-1), join(path, 'model.json'));
  const loaded = await load(path);
  const features = shape.reduce((product, n) => product * n, 1);
  const rows = inputs.length / features;
  const sides = categories ? [features - 1] : shape;
  const kept = Array.from(inputs).filter((_, k) => !categories || k % features < features - 1);
  const output = tf.tidy(() => loaded.predict(tf.tensor(kept, [rows, ...sides])) as tf.Tensor);
  assert.deepEqual(output.shape, [rows, model.outputs]);
  const values = (await output.data()) as Float32Array;
  output.dispose();
  loaded.dispose();
  return values;
}

for (const [spec, kind] of examples) {
  test(`${spec} on ${kind.shape.join(' x ')} predicts the same in TensorFlow.js`, async context => {
    const model = await made(spec, kind);
    const inputs = rowsFor(kind, 2);
    const most = apart(await predicted(model, kind, inputs), requireTelling(model.predict(inputs)));
    context.diagnostic(`largest difference ${most}`);
    assert.ok(most < 1e-5, String(most));
  });
}

test('a standardized model takes raw rows, whatever their unit, and bytes as they stand in a file', () =>
  requireRawRows(predicted));

test('any list of layers predicts the same', async () => {
  await fc.assert(
    fc.asyncProperty(anyLayers, fc.nat(), async ({ spec, kind }, seed) => {
      const model = await made(spec, kind, seed);
      const inputs = rowsFor(kind, 2, seed);
      assert.ok(apart(await predicted(model, kind, inputs), model.predict(inputs)) < 1e-5, spec);
    }),
    { numRuns: 40 },
  );
});

test('parameters have the names and shapes of Keras, in shards of 4 MiB', async () => {
  const kind = kindOf([28, 28], 10);
  const model = await made('mlp:1500,10', kind);
  const path = join(folder, 'large');
  const files = await model.export(path, { format: 'tfjs' });
  assert.equal(files.length, 3);
  const { weightsManifest, format } = JSON.parse(readFileSync(join(path, 'model.json'), 'utf8'));
  assert.equal(format, 'layers-model');
  assert.deepEqual(weightsManifest[0].paths, ['group1-shard1of2.bin', 'group1-shard2of2.bin']);
  assert.equal(readFileSync(files[0]).length, 4 * 2 ** 20);
  assert.deepEqual(
    weightsManifest[0].weights.map(({ name, shape }: { name: string; shape: number[] }) => [name, ...shape]),
    [
      ['fc1/kernel', 784, 1500],
      ['fc1/bias', 1500],
      ['fc2/kernel', 1500, 10],
      ['fc2/bias', 10],
      ['fc3/kernel', 10, 10],
      ['fc3/bias', 10],
    ],
  );
  await assert.rejects((await made('noise:8', kindOf([1], 0))).export(path, { format: 'tfjs' }), { code: 'CONFIG_RANGE' });
});
