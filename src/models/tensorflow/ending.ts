/**
 * What stands at the end of a model of layers: scores, which the heads of our own networks judge. A softmax at the end, or the sigmoid of two
 * classes, is taken out, because it belongs to the loss: so the logarithm of a small probability is exact.
 */

import { HearsayError } from '../../errors.js';
import { type Head, logistic, softmax, squared } from '../head.js';
import type { Task } from '../model.js';
import { product } from './inputs.js';
import type { OpenLayersModel, Tensor, TensorLayer } from './types.js';

const linear = { getClassName: () => 'linear', apply: (x: Tensor) => x };

/** Layers that only move or drop values: the activation is that of the layer before. */
const passing = ['Flatten', 'Reshape', 'Dropout', 'ActivityRegularization', 'Masking'];

/**
 * The head for the model's scores; the model's own last activation is gone where it belongs to it. Throws MODULE_INVALID when there are several
 * outputs, or one that the task has no use for.
 */
export function endWithScores({ outputs }: OpenLayersModel, { classes }: Task, where: string): Head {
  const refuse = (found: string) => new HearsayError('MODULE_INVALID', `${where}: ${found}`);
  if (outputs.length !== 1) throw refuse(`it has ${outputs.length} outputs, allowed is one`);
  const [, ...sides] = outputs[0].shape;
  const values = sides.every(side => side !== null) ? product(sides as number[]) : Number.NaN;
  const ends = `its output is [${sides.map(side => side ?? 'any').join(', ')}]`;
  if (classes === 0) {
    if (values !== 1) throw refuse(`${ends}, the data have real targets; end with a dense layer of 1 unit`);
    return squared;
  }
  const isOdds = classes === 2 && values === 1;
  if (values !== classes && !isOdds)
    throw refuse(`${ends}, the data have ${classes} classes; end with a dense layer of ${classes} units`);
  const last = lastOf(outputs[0].sourceLayer);
  const found = activationOf(last);
  const belongs = isOdds ? 'sigmoid' : 'softmax';
  if (found === belongs) withoutActivation(last);
  else if (!['linear', 'none', ...(isOdds ? [] : ['logSoftmax'])].includes(found))
    throw refuse(`its last activation is ${found}, allowed is ${belongs} or none (linear), as the data have ${classes} classes`);
  return isOdds ? logistic : softmax;
}

/** The layer whose activation the output has. */
function lastOf(layer: TensorLayer): TensorLayer {
  if (layer.layers && layer.outputs) return lastOf(layer.outputs[0].sourceLayer);
  const before = layer.inboundNodes[0]?.inputTensors[0]?.sourceLayer;
  return passing.includes(layer.getClassName()) && before ? lastOf(before) : layer;
}

function activationOf(layer: TensorLayer): string {
  if (layer.getClassName() === 'Softmax') return 'softmax';
  return layer.activation?.getClassName() ?? 'none';
}

function withoutActivation(layer: TensorLayer): void {
  if (layer.activation) layer.activation = linear;
  else layer.call = inputs => (Array.isArray(inputs) ? inputs[0] : inputs);
}
