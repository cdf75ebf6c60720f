/**
 * Steps a second of jax-js (its WebAssembly backend, one thread) on dense networks: gradient and plain SGD in one compiled function.
 *
 * `node dist/bench/peers/jaxjs.js SECONDS FILE...`, files as bench/samples.ts writes them: loss and gradient must be the file's before anything is timed.
 * The batch is already there, as an array of jax-js: no gathering. Prints one JSON line a file.
 */

import type { numpy } from '@jax-js/jax';
import { readDense, sameModel, stepsPerSecond } from './dense.js';

// It looks at the browser's name, which Node has only from 21 on.
if (!('navigator' in globalThis)) Object.assign(globalThis, { navigator: { userAgent: `Node.js/${process.versions.node}` } });
const { blockUntilReady, init, jit, nn, numpy: np, tree, valueAndGrad } = await import('@jax-js/jax');

type Layer = { weights: numpy.Array; bias: numpy.Array };

const rate = 0.1;
const [seconds, ...paths] = process.argv.slice(2);
await init('wasm');
for (const path of paths) {
  const sample = readDense(path);
  const { model, widths, rows } = sample;
  const x = np.array(sample.inputs).reshape([rows, widths[0]]);
  const y = np.array(sample.chosen).reshape([rows, widths.at(-1)!]);
  let layers: Layer[] = sample.layers.map(({ weights, bias }, l) => ({
    weights: np.array(weights).reshape([widths[l], widths[l + 1]]),
    bias: np.array(bias),
  }));

  /** Mean cross-entropy. Every function of jax-js uses up its arguments. */
  const lossOf = (layers: Layer[], x: numpy.Array, y: numpy.Array): numpy.Array => {
    let h = x;
    for (const [l, { weights, bias }] of layers.entries()) {
      h = np.matmul(h, weights).add(bias);
      if (l < layers.length - 1) h = nn.relu(h);
    }
    return nn
      .logSoftmax(h, -1)
      .mul(y)
      .sum()
      .mul(-1 / rows);
  };
  const pass = jit(valueAndGrad(lossOf));
  const [loss, gradient] = pass(tree.ref(layers), x.ref, y.ref);
  sameModel('jax-js', sample, (await loss.data())[0], await flat(gradient));

  const step = jit((layers: Layer[], x: numpy.Array, y: numpy.Array): Layer[] => {
    const [loss, gradient] = valueAndGrad(lossOf)(tree.ref(layers), x, y);
    loss.dispose();
    return layers.map(({ weights, bias }, l) => ({
      weights: weights.sub(gradient[l].weights.mul(rate)),
      bias: bias.sub(gradient[l].bias.mul(rate)),
    }));
  });
  const speed = await stepsPerSecond(
    () => (layers = step(layers, x.ref, y.ref)),
    () => blockUntilReady(layers),
    Number(seconds),
  );
  console.log(JSON.stringify({ peer: 'jax-js', model, batch: rows, way: 'jit', stepsPerSecond: speed }));
}

async function flat(layers: Layer[]): Promise<Float32Array[]> {
  const arrays = layers.flatMap(({ weights, bias }) => [weights, bias]);
  return Promise.all(arrays.map(async array => (await array.data()) as Float32Array));
}
