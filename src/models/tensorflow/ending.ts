/**
 * What stands at the end of a model of layers: scores, which the heads of our own networks judge. A softmax at the end, or the sigmoid of two
 * classes, is taken out, because it belongs to the loss: so the logarithm of a small probability is exact.
 */

import { HearsayError } from '../../errors.js';
import { type Head, logistic, softmax, squared } from '../head.js';
import type { Task } from '../model.js';
import { product } from './inputs.js';
import type { OpenLayersModel, SymbolicTensor, Tensor, TensorLayer } from './types.js';

const linear = { getClassName: () => 'linear', apply: (x: Tensor) => x };

/** Layers that only move or drop values: the activation is that of the layer before. */
const passing = ['Flatten', 'Reshape', 'Dropout', 'ActivityRegularization', 'Masking'];

/** Layers without weights behind which a distribution is none of its kind any more. */
const mixing =
  /Pooling[123]D$|^(Add|Average|Maximum|Minimum|Concatenate|Permute|RepeatVector|GaussianNoise|GaussianDropout|AlphaDropout)$|^(ZeroPadding|Cropping|UpSampling)\dD$/;

/** Layers that are an activation, and have it not as one. */
const ownActivations = ['ReLU', 'LeakyReLU', 'PReLU', 'ELU', 'ThresholdedReLU'];

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
  const { layer: last, shape } = lastOf(outputs[0]);
  const found = activationOf(last);
  const belongs = isOdds ? 'sigmoid' : 'softmax';
  const remedy = 'leave it out, or put it at the end';
  const mixed = mixedIn(outputs[0], belongs);
  if (mixed) throw refuse(`behind its ${belongs} stands ${mixed}, and the loss has a ${belongs} of its own; ${remedy}`);
  if (found === belongs) {
    if (last.layer) throw refuse(`its ${belongs} is inside of ${last.getClassName()} ${last.name}; ${remedy}`);
    const axis = typeof last.axis === 'number' && last.getClassName() === 'Softmax' ? last.axis : -1;
    const wide = shape.at(axis);
    if (wide !== values) throw refuse(`its ${belongs} is over ${wide ?? 'any number'} of its ${values} values; ${remedy}`);
    withoutActivation(last);
  } else if (!['linear', 'none', ...(isOdds ? [] : ['logSoftmax'])].includes(found))
    throw refuse(`its last activation is ${found}, allowed is ${belongs} or none (linear), as the data have ${classes} classes`);
  return isOdds ? logistic : softmax;
}

/** The layer whose activation the output has, and the shape that it has there. */
function lastOf({ sourceLayer: layer, shape }: SymbolicTensor): { layer: TensorLayer; shape: SymbolicTensor['shape'] } {
  if (layer.layers && layer.outputs) return lastOf(layer.outputs[0]);
  const before = inputsOf(layer)[0];
  return passing.includes(layer.getClassName()) && before ? lastOf(before) : { layer, shape };
}

function inputsOf({ inboundNodes }: TensorLayer): readonly SymbolicTensor[] {
  return inboundNodes[0]?.inputTensors ?? [];
}

/** The class of a layer, without weights, that mixes values behind such an activation. */
function mixedIn(end: SymbolicTensor, activation: string): string | undefined {
  const { layer } = lastOf(end);
  const kind = layer.getClassName();
  if (!mixing.test(kind)) return undefined;
  return inputsOf(layer).some(before => activationOf(lastOf(before).layer) === activation || mixedIn(before, activation))
    ? kind
    : undefined;
}

function activationOf(layer: TensorLayer): string {
  const kind = layer.getClassName();
  if (kind === 'Softmax') return 'softmax';
  if (ownActivations.includes(kind)) return kind;
  if (kind === 'TimeDistributed' && layer.layer) {
    const { layer: inner } = layer;
    return activationOf(inner.layers && inner.outputs ? lastOf(inner.outputs[0]).layer : inner);
  }
  return layer.activation?.getClassName() ?? 'none';
}

function withoutActivation(layer: TensorLayer): void {
  if (layer.activation) layer.activation = linear;
  else layer.call = inputs => (Array.isArray(inputs) ? inputs[0] : inputs);
}
