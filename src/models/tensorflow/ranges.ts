/** The weights of a model of layers as ranges of the flat vector: those that are learnt first, then those that are not. */

import { HearsayError } from '../../errors.js';
import type { Layer } from '../model.js';
import { longestName } from './files.js';
import { product } from './inputs.js';
import type { OpenLayersModel, TensorFlow, TensorLayer, Weight } from './types.js';

export interface Range extends Layer {
  readonly size: number;
  readonly weight: Weight;
  /** False: moved by the model itself (the running means of a batch normalization), or frozen. */
  readonly isLearnt: boolean;
  /** True for running variances: averages with differences added to them, and noise, may take the row below 0, a square root may not be. */
  readonly isSquare: boolean;
}

/**
 * Throws MODULE_INVALID for a model without weights to learn, for weights that are no floats or under a constraint (an average of models
 * need not keep it), for layers that remember the batch before, and for a model of another copy of the package.
 */
export function rangesOf(tf: TensorFlow, model: OpenLayersModel, where: string): Range[] {
  const refuse = (found: string) => new HearsayError('MODULE_INVALID', `${where}: ${found}`);
  model.countParams(); // it puts a tf.Sequential together, which has no penalties before, and another order of what is frozen
  const squares = new Set<Weight>();
  for (const { layer, isTrained } of everyLayer(model.layers)) {
    if (layer.stateful) throw refuse(`layer ${layer.name} keeps a state from batch to batch; leave stateful out`);
    const isWhole = layer.scale !== false && layer.center !== false;
    if (layer.getClassName() === 'BatchNormalization' && isTrained && !isWhole)
      throw refuse(
        `layer ${layer.name}: TensorFlow.js can't train a batch normalization without scale and center; leave both on`,
      );
    if (layer.movingVariance) squares.add(layer.movingVariance);
  }
  const ranges: Range[] = [];
  const name = namer();
  let offset = 0;
  for (const [weights, isLearnt] of [
    [model.trainableWeights, true],
    [model.nonTrainableWeights, false],
  ] as const) {
    for (const weight of weights) {
      const { length } = weight.originalName;
      if (length > longestName) throw refuse(`a weight has a name of ${length} letters, allowed are ${longestName}; shorten it`);
      const called = name(weight.originalName);
      if (!(weight.read() instanceof tf.Variable)) {
        const remedy = 'install one, and import it by its name @tensorflow/tfjs';
        throw refuse(`it was made by another copy of TensorFlow.js than the one that the module's folder has; ${remedy}`);
      }
      if (weight.dtype !== 'float32') throw refuse(`weight ${called} is ${weight.dtype}, allowed is float32`);
      if (weight.constraint) {
        const remedy = 'use a regularizer or --optimizer sgd:decay=D';
        throw refuse(`weight ${called} has a constraint, which averages of models need not keep; ${remedy}`);
      }
      const size = product(weight.shape);
      ranges.push({ name: called, offset, shape: [...weight.shape], size, weight, isLearnt, isSquare: squares.has(weight) });
      offset += size;
    }
  }
  if (model.trainableWeights.length === 0) throw refuse('it has no weights to learn; make layers trainable');
  return ranges;
}

/**
 * All layers, those of models inside the model and those inside of wrappers too. What lies inside something frozen is frozen, as in Keras:
 * TensorFlow.js says so of the weights alone.
 */
export function everyLayer(layers: readonly TensorLayer[], within = true): { layer: TensorLayer; isTrained: boolean }[] {
  return layers.flatMap(layer => {
    const isTrained = within && layer.trainable;
    const wrapped = [layer.layer, layer.forwardLayer, layer.backwardLayer].filter(inner => inner !== undefined);
    return [{ layer, isTrained }, ...everyLayer([...(layer.layers ?? []), ...wrapped], isTrained)];
  });
}

/**
 * Names that are the same in every thread: TensorFlow.js numbers the layers of a process, so the fifth model has a dense_Dense9. Layers without
 * a name of their own are numbered by class as they come: dense_1/kernel.
 */
function namer(): (original: string) => string {
  const numbers = new Map<string, number>();
  const counts = new Map<string, number>();
  const given = new Set<string>();
  return original => {
    const plain = original.replace(/([a-z0-9]+(?:_[a-z0-9]+)*)_([A-Z][A-Za-z0-9]*?)(\d+)(?=\/|_|$)/g, (whole, snake) => {
      if (!numbers.has(whole)) {
        counts.set(snake, (counts.get(snake) ?? 0) + 1);
        numbers.set(whole, counts.get(snake)!);
      }
      return `${snake}_${numbers.get(whole)}`;
    });
    let name = plain;
    for (let k = 2; given.has(name); k++) name = `${plain}_${k}`;
    given.add(name);
    return name;
  };
}
