/**
 * Steps a second of TensorFlow.js on its WebAssembly backend (SIMD, one thread) on dense networks, with its plain SGD.
 *
 * `node dist/bench/peers/tfjs_wasm.js SECONDS FILE...`, files as bench/samples.ts writes them: loss and gradient must be the file's before anything is timed.
 * The batch is already there, as tensors: no gathering. Prints one JSON line a file.
 */

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Tensor } from '@tensorflow/tfjs';
import { readDense, sameModel, stepsPerSecond } from './dense.js';

const require = createRequire(import.meta.url);
const tf: typeof import('@tensorflow/tfjs') = require('@tensorflow/tfjs');
const wasm: typeof import('@tensorflow/tfjs-backend-wasm') = require('@tensorflow/tfjs-backend-wasm');

const [seconds, ...paths] = process.argv.slice(2);
wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '../wasm-out/'));
wasm.setThreadsCount(1);
await tf.setBackend('wasm');
await tf.ready();
for (const path of paths) {
  const sample = readDense(path);
  const { model, widths, rows } = sample;
  const x = tf.tensor2d(sample.inputs, [rows, widths[0]]);
  const y = tf.tensor2d(sample.chosen, [rows, widths.at(-1)!]);
  const layers = sample.layers.map(({ weights, bias }, l) => ({
    weights: tf.variable(tf.tensor2d(weights, [widths[l], widths[l + 1]])),
    bias: tf.variable(tf.tensor1d(bias)),
  }));
  const variables = layers.flatMap(({ weights, bias }) => [weights, bias]);

  const lossOf = () => {
    let h: Tensor = x;
    for (const [l, { weights, bias }] of layers.entries()) {
      const activation = l < layers.length - 1 ? 'relu' : 'linear';
      h = tf.fused.matMul({ a: h, b: weights, bias, activation });
    }
    return tf.losses.softmaxCrossEntropy(y, h).asScalar();
  };
  const { value, grads } = tf.variableGrads(lossOf, variables);
  const gradient = variables.map(({ name }) => grads[name].dataSync<'float32'>());
  sameModel('tfjs', sample, value.dataSync()[0], gradient);

  const optimizer = tf.train.sgd(0.1);
  const speed = await stepsPerSecond(
    () => void optimizer.minimize(lossOf, false, variables),
    () => variables[0].data(),
    Number(seconds),
  );
  const version = tf.version_core;
  console.log(JSON.stringify({ peer: 'tfjs-wasm', model, batch: rows, way: 'sgd', stepsPerSecond: speed, version }));
}
