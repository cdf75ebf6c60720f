/**
 * A `tf.LayersModel` as a model of ours. Its weights live in rows: every step copies them in, has TensorFlow.js run the layers forward and
 * back, and copies the gradient out; the loss is that of our own heads. Nothing of a step outlives it.
 */

import { HearsayError } from '../../errors.js';
import type { Head } from '../head.js';
import { padded } from '../layers/layer.js';
import type { Batch, Model, Session, Task } from '../model.js';
import type { Found } from './backend.js';
import { drawsOf, withRandom } from './counted.js';
import { endWithScores } from './ending.js';
import { type Feed, feedOf, product } from './inputs.js';
import { everyLayer, type Range, rangesOf } from './ranges.js';
import type { LayersModel, OpenLayersModel, Tensor, TensorFlow } from './types.js';

/** Whether a module's function returned a `tf.LayersModel`. */
export function isLayersModel(made: unknown): made is LayersModel {
  const { layers, getWeights, countParams, getConfig } = (made ?? {}) as Partial<LayersModel>;
  return Array.isArray(layers) && [getWeights, countParams, getConfig].every(part => typeof part === 'function');
}

/**
 * The model for the task. `again` builds another one alike, from which a start is drawn; without it the start is always as `made` is now,
 * and `always` says whose weights these are.
 * Errors begin with `where`. Throws MODULE_INVALID when it can't be trained here, or not on these data.
 */
export function adapted(
  name: string,
  made: LayersModel,
  task: Task,
  { tf, ...backend }: Found,
  where: string,
  again?: () => unknown,
  always?: string,
): Model {
  const model = made as unknown as OpenLayersModel;
  const ranges = rangesOf(tf, model, where);
  const feed = feedOf(model, task, where);
  const head = endWithScores(model, task, where);
  freeze(tf, model);
  const parameters = ranges.reduce((sum, { size }) => sum + size, 0);
  const first = new Float32Array(parameters);
  read(ranges, first);

  return {
    name,
    parameters,
    always: again ? undefined : always,
    learnt: ranges.reduce((sum, { size, isLearnt }) => sum + (isLearnt ? size : 0), 0),
    layers: ranges.map(({ name, offset, shape }) => ({ name, offset, shape })),
    outputs: head.outputs(task.classes),
    backend,
    workspace: rows => padded(rows * head.scores(task.classes)),
    initialize(weights, random) {
      const other = again ? withRandom(random, again) : made;
      if (other === made) return weights.set(first);
      if (!isLayersModel(other)) throw new HearsayError('MODULE_INVALID', `${where}: called again it returned no model`);
      const fresh = other as unknown as OpenLayersModel;
      const found = rangesOf(tf, fresh, where);
      const isAlike = found.length === ranges.length && found.every(({ size }, k) => size === ranges[k].size);
      if (!isAlike)
        throw new HearsayError('MODULE_INVALID', `${where}: called again it returned another model; build the same one`);
      read(found, weights);
      fresh.dispose();
    },
    open: (kernels, work) => openSession(tf, model, ranges, feed, head, task, { kernels, work }),
  };
}

function openSession(
  tf: TensorFlow,
  model: OpenLayersModel,
  ranges: readonly Range[],
  feed: Feed,
  head: Head,
  { classes }: Task,
  { kernels, work }: { kernels: Parameters<Model['open']>[0]; work: Float32Array },
): Session {
  const learnt = ranges.filter(({ isLearnt }) => isLearnt);
  const kept = ranges.filter(({ isLearnt }) => !isLearnt);
  const width = head.scores(classes);
  const at = work.byteOffset;

  function load(weights: Float32Array): void {
    tf.tidy(() => {
      // Copies: tensors may be computed from later, rows lie in memory that others write.
      for (const { weight, offset, size, shape, isSquare } of ranges) {
        const values = weights.slice(offset, offset + size);
        if (isSquare) for (let k = 0; k < size; k++) values[k] = Math.max(0, values[k]);
        weight.read().assign(tf.tensor(values, shape));
      }
    });
  }

  function scoresOf({ inputs, rows }: Batch, training: boolean): Tensor {
    const found = model.apply(feed(tf, inputs, rows), { training });
    return tf.reshape(Array.isArray(found) ? found[0] : found, [rows, width]);
  }

  /** Writes the scores into the work memory. */
  function forward(weights: Float32Array, batch: Batch): void {
    load(weights);
    tf.tidy(() => work.set(scoresOf(batch, false).dataSync()));
  }

  return {
    gradient(weights, gradient, batch) {
      const { rows, targets, chance } = batch;
      load(weights);
      gradient.fill(0);
      const loss = tf.customGrad(scores => {
        work.set(scores.dataSync());
        const sum = head.loss(kernels, at, at, targets.byteOffset, rows, classes, 1 / rows);
        const slope = work.slice(0, rows * width);
        return { value: tf.scalar(sum / rows), gradFunc: dy => tf.mul(dy, tf.tensor(slope, [rows, width])) };
      });
      const step = () => {
        const { value, grads } = tf.variableGrads(
          () => model.calculateLosses().reduce((sum, penalty) => tf.add(sum, tf.mean(penalty)), loss(scoresOf(batch, true))),
          learnt.map(({ weight }) => weight.read()),
        );
        for (const { weight, offset } of learnt) {
          const found = grads[weight.read().name];
          if (found) gradient.set(found.dataSync(), offset);
        }
        return value.dataSync()[0];
      };
      const value = withRandom(drawsOf(chance), () => tf.tidy(step));
      read(kept, weights);
      return value;
    },

    evaluate(weights, batch) {
      const { rows, targets } = batch;
      forward(weights, batch);
      const correct = head.correct(kernels, at, targets.byteOffset, rows, classes);
      return { loss: head.loss(kernels, at, at, targets.byteOffset, rows, classes, 1), correct };
    },

    predict(weights, batch, outputs) {
      forward(weights, batch);
      head.predict(kernels, outputs, at, batch.rows, classes);
    },
  };
}

function read(ranges: readonly Range[], weights: Float32Array): void {
  for (const { weight, offset } of ranges) weights.set(weight.read().dataSync(), offset);
}

/**
 * A batch normalization that is not to be trained uses the statistics that it has, as in Keras; TensorFlow.js would go on moving them. It has
 * no slope of one without scale or center either: while it computes, such a one gets a scale of 1 and a center of 0.
 */
function freeze(tf: TensorFlow, { layers }: OpenLayersModel): void {
  for (const { layer, isTrained } of everyLayer(layers)) {
    if (layer.getClassName() !== 'BatchNormalization' || isTrained) continue;
    const call = layer.call.bind(layer);
    layer.call = (inputs, options) => {
      const { scale, center, gamma, beta } = layer;
      const all = (value: number) => ({
        read: () => tf.tensor(new Float32Array(product(layer.movingVariance!.shape)).fill(value), layer.movingVariance!.shape),
      });
      Object.assign(layer, { scale: true, center: true, gamma: gamma ?? all(1), beta: beta ?? all(0) });
      try {
        return call(inputs, { ...options, training: false });
      } finally {
        Object.assign(layer, { scale, center, gamma, beta });
      }
    };
  }
}
