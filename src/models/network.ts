/**
 * Dense layers with one activation between them and a head at the end: from linear regression (no hidden layer) to any perceptron.
 * The flat vector holds a layer after the other, W (inputs x outputs, row-major) and then its bias.
 *
 *   forward     a0 = x,  z(l) = a(l-1) W(l) + b(l),  a(l) = f(z(l)),  scores = z(L)
 *   backward    d(L) = scale dloss/dscores,  d(l-1) = (d(l) W(l)') f'(z(l-1)),  W(l) (+)= a(l-1)' d(l),  b(l) (+)= sum of rows of d(l)
 *
 * The scale goes in at the top: 1 / rows gives the gradient of the mean loss, -rate / rows a step of plain SGD whose last product
 * lands in the weights themselves, so that no gradient is ever stored.
 */

import { HearsayError } from '../errors.js';
import { type Activation, type StartName, starts } from './activation.js';
import type { Head } from './head.js';
import type { Address, Kernels } from './kernels/kernels.js';
import { packing } from './kernels/packing.js';
import type { Batch, Layer, Model, Session, Task } from './model.js';

interface Dense {
  readonly inputs: number;
  readonly outputs: number;
  /** Bytes from the start of the flat vector. */
  readonly weights: number;
  readonly bias: number;
}

/** A network for `task` with hidden layers of the given widths. A model without hidden layers starts at zero: its loss is convex. */
export function network(
  name: string,
  task: Task,
  hidden: readonly number[],
  activation: Activation,
  head: Head,
  start?: StartName,
): Model {
  const widths = [task.features, ...hidden, head.scores(task.classes)];
  const dense: Dense[] = [];
  const layers: Layer[] = [];
  let parameters = 0;
  for (let l = 1; l < widths.length; l++) {
    const [inputs, outputs] = [widths[l - 1], widths[l]];
    const bias = parameters + inputs * outputs;
    dense.push({ inputs, outputs, weights: 4 * parameters, bias: 4 * bias });
    const suffix = widths.length > 2 ? `.${l}` : '';
    layers.push({ name: `weight${suffix}`, offset: parameters, shape: [inputs, outputs] });
    layers.push({ name: `bias${suffix}`, offset: bias, shape: [outputs] });
    parameters = bias + outputs;
  }
  const plan = (rows: number) => layOut(dense, activation, rows);

  return {
    name,
    parameters,
    layers,
    outputs: head.outputs(task.classes),
    workspace: rows => plan(rows).floats,

    initialize(weights, random, normal) {
      weights.fill(0);
      if (hidden.length === 0) return;
      for (const [l, { inputs, outputs }] of dense.entries()) {
        const draw = starts[start ?? (l < hidden.length ? activation.start : 'glorot')];
        const { offset } = layers[2 * l];
        for (let i = 0; i < inputs * outputs; i++) weights[offset + i] = draw(inputs, outputs, random, normal);
      }
    },

    open(kernels, work, rows) {
      const { floats, ...places } = plan(rows);
      if (work.length < floats || (work.buffer as ArrayBufferLike) !== kernels.memory.buffer) {
        throw new HearsayError('STATE', `${name}: work memory of ${work.length} floats, ${floats} needed in the kernels' memory`);
      }
      return openSession(kernels, dense, activation, head, task.classes, work.byteOffset, places, rows);
    },
  };
}

/** Where things lie in the work memory, in bytes from its start. */
interface Places {
  /** Outputs of each layer; the last ones are the scores. */
  readonly outputs: readonly number[];
  /** Inputs of each activation: the outputs themselves unless they are kept. */
  readonly inputs: readonly number[];
  /** Two buffers for d(l), in turns. */
  readonly deltas: readonly [number, number];
  readonly packing: number;
}

function layOut(dense: readonly Dense[], activation: Activation, rows: number): Places & { floats: number } {
  let floats = 0;
  const take = (count: number) => {
    const place = 4 * floats;
    floats += Math.ceil(count / 32) * 32;
    return place;
  };
  const hidden = dense.slice(0, -1);
  const outputs = dense.map(layer => take(rows * layer.outputs));
  const inputs = hidden.map((layer, l) => (activation.keepsInputs ? take(rows * layer.outputs) : outputs[l]));
  const widest = Math.max(0, ...hidden.map(layer => layer.outputs));
  const deltas: [number, number] = [take(rows * widest), take(rows * widest)];
  const packed = take(Math.max(...dense.map(layer => packing(rows, layer.inputs, layer.outputs))));
  return { floats, outputs, inputs, deltas, packing: packed };
}

function openSession(
  kernels: Kernels,
  dense: readonly Dense[],
  activation: Activation,
  head: Head,
  classes: number,
  work: Address,
  places: Places,
  most: number,
): Session {
  const outputs = places.outputs.map(place => work + place);
  const inputs = places.inputs.map(place => work + place);
  const deltas = places.deltas.map(place => work + place);
  const packed = work + places.packing;
  const last = dense.length - 1;
  const scores = outputs[last];

  function forward(weights: Address, x: Address, rows: number): void {
    if (rows > most) throw new HearsayError('STATE', `a batch of ${rows} rows, but the session was opened for at most ${most}`);
    for (let l = 0; l <= last; l++) {
      const layer = dense[l];
      const z = l < last ? inputs[l] : scores;
      kernels.forward(z, x, weights + layer.weights, weights + layer.bias, rows, layer.inputs, layer.outputs, packed);
      if (l < last) activation.apply(kernels, outputs[l], z, rows * layer.outputs);
      x = outputs[l];
    }
  }

  /** One pass forward and back. What W and b become goes to `into`: added to it, or instead of it. Returns the mean loss. */
  function pass(weights: Address, into: Address, batch: Batch, scale: number, keep: 0 | 1): number {
    const { rows } = batch;
    const x = batch.inputs.byteOffset;
    forward(weights, x, rows);
    const loss = head.loss(kernels, scores, batch.targets.byteOffset, rows, classes, scale / rows);
    let d = scores;
    for (let l = last; l >= 0; l--) {
      const layer = dense[l];
      const below = l > 0 ? outputs[l - 1] : x;
      const next = deltas[l & 1];
      if (l > 0) kernels.backward(next, d, weights + layer.weights, rows, layer.inputs, layer.outputs, packed);
      kernels.accumulate(into + layer.weights, into + layer.bias, below, d, rows, layer.inputs, layer.outputs, keep, packed);
      if (l > 0) activation.back(kernels, next, activation.keepsInputs ? inputs[l - 1] : below, rows * layer.inputs);
      d = next;
    }
    return loss / rows;
  }

  return {
    gradient: (weights, gradient, batch) => pass(weights.byteOffset, gradient.byteOffset, batch, 1, 0),
    descend: (weights, batch, rate) => pass(weights.byteOffset, weights.byteOffset, batch, -rate, 1),

    evaluate(weights, { rows, inputs: x, targets }) {
      forward(weights.byteOffset, x.byteOffset, rows);
      const correct = head.correct(kernels, scores, targets.byteOffset, rows, classes);
      return { loss: head.loss(kernels, scores, targets.byteOffset, rows, classes, 0), correct };
    },

    predict(weights, { rows, inputs: x }, predictions) {
      forward(weights.byteOffset, x.byteOffset, rows);
      head.predict(kernels, predictions, scores, rows, classes);
    },
  };
}
