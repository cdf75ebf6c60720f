/** Saved models of layers: they come back with their weights, and whatever is wrong with their files is named before anything is built. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { parseExperiment } from '../../src/engine/experiment.js';
import { openRecipe } from '../../src/engine/recipe.js';
import { HearsayError } from '../../src/errors.js';
import { openTensorFlow } from '../../src/models/tensorflow/backend.js';
import { savedModel } from '../../src/models/tensorflow/saved.js';
import { cases } from '../support/cases.js';
import { type ModelJson, saveModel } from '../support/savedmodel.js';
import { open, task } from './open.js';

await openTensorFlow(import.meta.url); // or it advertises on the terminal

const limited = { timeout: 30_000 };
const root = mkdtempSync(join(tmpdir(), 'hearsay-tfjs-'));
after(() => rmSync(root, { recursive: true }));

const model = tf.sequential({
  layers: [tf.layers.dense({ units: 4, inputShape: [5], activation: 'relu' }), tf.layers.dense({ units: 3 })],
});
const of = task(5, 3);

/** The files of the model in a folder of their own: its weights in shards of so many bytes. */
async function save(shard = 60, change?: (json: ModelJson) => void): Promise<{ folder: string; path: string }> {
  const folder = mkdtempSync(join(root, 'model-'));
  return { folder, path: await saveModel(model, folder, shard, change) };
}

test('a saved model starts from the weights that it was saved with, in any number of shards', limited, async () => {
  const expected = model.getWeights().flatMap(weight => [...weight.dataSync()]);
  for (const shard of [1000, 60, 7]) {
    const { path } = await save(shard);
    const loaded = await savedModel(path, of);
    assert.equal(loaded.name, `tfjs:${path}`);
    const { weights, session, batch, gradient } = open(loaded, of, 3, 'simd', shard);
    assert.deepEqual([...weights], expected);
    assert.ok(Number.isFinite(session.gradient(weights, gradient, batch)));
  }
});

test('a model that the converter made of one of Keras in Python is read, its training settings are not', limited, async () => {
  const folder = mkdtempSync(join(root, 'keras-'));
  const values = Float32Array.from({ length: 18 }, (_, k) => k / 10);
  writeFileSync(join(folder, 'group1-shard1of1.bin'), Buffer.from(values.buffer));
  const zeros = { class_name: 'Zeros', config: {} };
  const common = { name: 'dense', trainable: true, dtype: 'float32', units: 3, activation: 'softmax', use_bias: true };
  const starts = { kernel_initializer: { class_name: 'GlorotUniform', config: { seed: null } }, bias_initializer: zeros };
  const none = {
    kernel_regularizer: null,
    bias_regularizer: null,
    activity_regularizer: null,
    kernel_constraint: null,
    bias_constraint: null,
  };
  const layers = [
    {
      class_name: 'InputLayer',
      config: { batch_input_shape: [null, 5], dtype: 'float32', sparse: false, ragged: false, name: 'dense_input' },
    },
    { class_name: 'Dense', config: { ...common, ...starts, ...none } },
  ];
  const modelTopology = {
    ...{ keras_version: '2.4.0', backend: 'tensorflow' },
    model_config: { class_name: 'Sequential', config: { name: 'sequential', layers } },
    training_config: {
      loss: 'nothing that is known',
      metrics: ['accuracy'],
      optimizer_config: { class_name: 'Nobody', config: {} },
    },
  };
  const weights = [
    { name: 'dense/kernel', shape: [5, 3], dtype: 'float32' },
    { name: 'dense/bias', shape: [3], dtype: 'float32' },
  ];
  const head = { format: 'layers-model', generatedBy: 'keras v2.4.0', convertedBy: 'TensorFlow.js Converter v3.18.0' };
  const json = { ...head, modelTopology, weightsManifest: [{ paths: ['group1-shard1of1.bin'], weights }] };
  writeFileSync(join(folder, 'model.json'), JSON.stringify(json));
  const loaded = await savedModel(join(folder, 'model.json'), of);
  assert.deepEqual(
    loaded.layers.map(({ name }) => name),
    ['dense/kernel', 'dense/bias'],
  );
  assert.deepEqual(open(loaded, of, 1, 'simd').weights, values);
});

test('one that was saved without weights starts from draws', limited, async () => {
  const { path } = await save(60, json => delete (json as Partial<ModelJson>).weightsManifest);
  const loaded = await savedModel(path, of);
  const start = (seed: number) => [...open(loaded, of, 1, 'simd', seed).weights];
  assert.deepEqual(start(1), start(1));
  assert.notDeepEqual(start(1), start(2));
});

test('quantized weights come back to the precision that they have', limited, async () => {
  const expected = model.getWeights().flatMap(weight => [...weight.dataSync()]);
  const { folder, path } = await save(1000, ({ weightsManifest: [{ weights }] }) => {
    for (const weight of weights) weight.quantization = { dtype: 'uint16', scale: 2 / 65535, min: -1 };
  });
  const shard = join(folder, 'group1-shard1.bin');
  writeFileSync(shard, Buffer.from(Uint16Array.from(expected, w => Math.round(((w + 1) / 2) * 65535)).buffer));
  const { weights } = open(await savedModel(path, of), of, 1, 'simd');
  for (const [k, w] of expected.entries()) assert.ok(Math.abs(weights[k] - w) < 2e-5 || Math.abs(w) > 1);
});

async function refuses(path: string, code: string, message: RegExp): Promise<void> {
  await assert.rejects(savedModel(path, of), (error: unknown) => {
    assert.ok(error instanceof HearsayError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    assert.ok(!error.message.includes('\n'));
    return true;
  });
}

test('models that are read at once are each held to their own sizes, and building goes on as before', limited, async () => {
  const before = Reflect.get(tf.layers.Layer.prototype, 'addWeight');
  const [good, bad] = [(await save()).path, (await save(1000, wide)).path];
  const made = await Promise.allSettled([good, bad, good].map(path => savedModel(path, of)));
  assert.deepEqual(
    made.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.equal(Reflect.get(tf.layers.Layer.prototype, 'addWeight'), before);
});

test('a start of its own for each node is refused where weights are given, by a file or with a promise', limited, async () => {
  const { path } = await save();
  const module = join(root, 'promised.mjs');
  const at = pathToFileURL(createRequire(import.meta.url).resolve('@tensorflow/tfjs')).href;
  const code = 'export default async () => tf.sequential({ layers: [tf.layers.dense({ units: 3, inputShape: [5] })] });';
  writeFileSync(module, `import tf from ${JSON.stringify(at)};\n${code}\n`);
  const experiment = { ...parseExperiment({ steps: 1 }), start: 'own' as const };
  for (const [model, always] of [
    [`tfjs:${path}`, 'those in its file'],
    [pathToFileURL(module).href, 'those that its promise brings'],
  ]) {
    await assert.rejects(openRecipe({ ...experiment, model }, of, 1), {
      code: 'CONFIG_RANGE',
      message: new RegExp(`^start: found 'own', but model .* always starts from ${always}; allowed is same`),
    });
    const { backend } = (await openRecipe({ ...experiment, model, start: 'same' }, of, 1)).model;
    assert.equal(/comes as a promise.*not those of --seed$/.test(backend!.note), always.includes('promise'));
  }
});

test('files that are not there are named', limited, async () => {
  await refuses(join(root, 'none', 'model.json'), 'DATA_NOT_FOUND', /there is no such file/);
  await refuses(root, 'DATA_NOT_FOUND', /folder/);
  const { folder, path } = await save();
  rmSync(join(folder, 'group1-shard2.bin'));
  await refuses(path, 'DATA_NOT_FOUND', /^[^ ]*model-[^ ]*\/group1-shard2\.bin: there is no such file/);
  mkdirSync(join(folder, 'group1-shard2.bin'));
  await refuses(path, 'DATA_NOT_FOUND', /group1-shard2\.bin.*folder/);
});

test('shards that are cut off anywhere, or too long, are refused with both sizes', limited, async () => {
  const { folder, path } = await save(1000);
  const shard = join(folder, 'group1-shard1.bin');
  const whole = readFileSync(shard);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), async length => {
      writeFileSync(shard, whole);
      truncateSync(shard, length);
      await refuses(
        path,
        'DATA_CORRUPT',
        new RegExp(`found ${length} bytes in 'group1-shard1.bin', its weights have ${whole.length}: a shard is cut off`),
      );
    }),
    cases(20),
  );
  writeFileSync(shard, Buffer.concat([whole, Buffer.of(0)]));
  await refuses(path, 'DATA_CORRUPT', /found 157 bytes, 156 are left of the 156/);
});

test('a model reads nothing outside its folder: not by dots, not from the root, not through a link', limited, async () => {
  const secret = join(root, 'secret.bin');
  writeFileSync(secret, Buffer.alloc(156));
  const { folder, path } = await save(1000);
  symlinkSync(secret, join(folder, 'link.bin'));
  symlinkSync(root, join(folder, 'up'));
  const json = JSON.parse(readFileSync(path, 'utf8')) as ModelJson;
  for (const shard of [
    '../secret.bin',
    'x/../../secret.bin',
    secret,
    'link.bin',
    'up/secret.bin',
    '..',
    '.',
    './../secret.bin',
    '../none.bin',
  ]) {
    json.weightsManifest[0].paths = [shard];
    writeFileSync(path, JSON.stringify(json));
    await refuses(path, 'DATA_NOT_FOUND', /lies outside the folder of the model; nothing is read there/);
  }
});

/** Its first layer has 200 million units. */
function wide({ modelTopology }: ModelJson): void {
  const { layers } = modelTopology.config as { layers: { config: { units: number } }[] };
  layers[0].config.units = 2e8;
}

const broken: readonly [what: string, change: (json: ModelJson) => void, code: string, message: RegExp][] = [
  [
    'a graph model',
    json => {
      json.format = 'graph-model';
    },
    'DATA_CORRUPT',
    /found format 'graph-model', allowed is layers-model/,
  ],
  [
    'no topology',
    json => {
      json.modelTopology = 3 as never;
    },
    'DATA_CORRUPT',
    /no modelTopology/,
  ],
  [
    'a manifest that is no list',
    json => {
      json.weightsManifest = {} as never;
    },
    'DATA_CORRUPT',
    /weightsManifest is no list/,
  ],
  [
    'a group without paths',
    json => {
      json.weightsManifest[0].paths = 'x' as never;
    },
    'DATA_CORRUPT',
    /weightsManifest\[0\] has no lists/,
  ],
  [
    'a path that is no text',
    json => {
      json.weightsManifest[0].paths = [7 as never];
    },
    'DATA_CORRUPT',
    /found no name/,
  ],
  [
    'a negative side',
    json => {
      json.weightsManifest[0].weights[0].shape = [-5, 4];
    },
    'DATA_CORRUPT',
    /found shape '\[-5,4\]'/,
  ],
  [
    'a huge side',
    json => {
      json.weightsManifest[0].weights[0].shape = [2 ** 40, 2 ** 40];
    },
    'DATA_CORRUPT',
    /bytes/,
  ],
  [
    'more than fits',
    json => {
      json.weightsManifest[0].weights[0].shape = [2 ** 20, 2 ** 10];
    },
    'DATA_TOO_LARGE',
    /bytes of weights, allowed are 2147483648/,
  ],
  [
    'another dtype',
    json => {
      json.weightsManifest[0].weights[0].dtype = 'string';
    },
    'DATA_CORRUPT',
    /found dtype 'string', allowed is float32/,
  ],
  [
    'an odd quantization',
    json => {
      json.weightsManifest[0].weights[0].quantization = { dtype: 'int3' };
    },
    'DATA_CORRUPT',
    /quantized as 'int3'/,
  ],
  [
    'a weight twice',
    ({ weightsManifest: [{ weights }] }) => {
      weights[1].name = weights[0].name;
    },
    'DATA_CORRUPT',
    /is there twice/,
  ],
  [
    'a weight of another name',
    ({ weightsManifest: [{ weights }] }) => {
      weights[0].name = 'other/kernel';
    },
    'MODULE_INVALID',
    /can't make a model of it: .*other/,
  ],
  [
    'a weight of another shape',
    ({ weightsManifest: [{ weights }] }) => {
      weights[0].shape = [4, 5];
    },
    'MODULE_INVALID',
    /can't make a model of it/,
  ],
  [
    'a layer whose name has no end',
    ({ modelTopology }) => {
      const { layers } = modelTopology.config as { layers: { config: { name: string } }[] };
      layers[0].config.name = 'a'.repeat(10 ** 6);
    },
    'DATA_CORRUPT',
    /found a name of 1000000 letters \('a{20}'\.\.\.\), allowed are 200/,
  ],
  [
    'a layer of more weights than there are in the file',
    wide,
    'DATA_CORRUPT',
    /its layers have more weights than the 39 of its weightsManifest/,
  ],
  [
    'a layer of too many weights, without any in the file',
    json => {
      wide(json);
      delete (json as Partial<ModelJson>).weightsManifest;
    },
    'DATA_TOO_LARGE',
    /more weights than 67108864, allowed without a file of them; save the model with its weights/,
  ],
  [
    'a layer that nobody knows',
    json => {
      json.modelTopology = JSON.parse(JSON.stringify(json.modelTopology).replace('"Dense"', '"Danse"'));
    },
    'MODULE_INVALID',
    /Unknown layer: Danse; give a model of its own layers/,
  ],
  [
    'a topology of something else',
    json => {
      json.modelTopology = { class_name: 'Sequential', config: 7 };
    },
    'MODULE_INVALID',
    /can't make a model of it/,
  ],
];

for (const [what, change, code, message] of broken) {
  test(`${what}: ${code}`, limited, async () => refuses((await save(1000, change)).path, code, message));
}

test('a file that is no JSON, and weights that are no numbers', limited, async () => {
  const { folder, path } = await save(1000);
  const shard = join(folder, 'group1-shard1.bin');
  const bytes = readFileSync(shard);
  bytes.writeFloatLE(Number.NaN, 8);
  writeFileSync(shard, bytes);
  await refuses(path, 'DATA_NONFINITE', /a weight is NaN or infinite/);
  writeFileSync(path, '{"format":');
  await refuses(path, 'DATA_CORRUPT', /it is no JSON/);
  writeFileSync(path, 'null');
  await refuses(path, 'DATA_CORRUPT', /no JSON object/);
});
