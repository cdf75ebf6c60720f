/**
 * Dense layers with one activation between them and a head at the end: from linear regression (no hidden layer) to any perceptron.
 * The flat vector holds a layer after the other, W (inputs x outputs, row-major) and then its bias, when there are biases.
 *
 *   forward     a0 = x,  z(l) = a(l-1) W(l) + b(l),  a(l) = f(z(l)),  scores = z(L), or f(z(L)) when the last layer has f too
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
  /** The same; undefined when the network has no biases. */
  readonly bias?: number;
}

export interface Variant {
  /** Law of the starting weights of every layer, instead of the activation's own. */
  readonly start?: StartName;
  /** False for a network without biases. */
  readonly bias?: boolean;
  /** True when the activation follows the last layer too. */
  readonly activated?: boolean;
}

/**
 * A network for `task` with hidden layers of the given widths. A model without hidden layers starts at zero, where no direction is
 * preferred.
 */
export function network(
  name: string,
  task: Task,
  hidden: readonly number[],
  activation: Activation,
  head: Head,
  { start, bias = true, activated = false }: Variant = {},
): Model {
  const widths = [task.features, ...hidden, head.scores(task.classes)];
  const dense: Dense[] = [];
  const layers: Layer[] = [];
  let parameters = 0;
  for (let l = 1; l < widths.length; l++) {
    const [inputs, outputs] = [widths[l - 1], widths[l]];
    const end = parameters + inputs * outputs;
    dense.push({ inputs, outputs, weights: 4 * parameters, bias: bias ? 4 * end : undefined });
    const suffix = widths.length > 2 ? `.${l}` : '';
    layers.push({ name: `weight${suffix}`, offset: parameters, shape: [inputs, outputs] });
    if (bias) layers.push({ name: `bias${suffix}`, offset: end, shape: [outputs] });
    parameters = bias ? end + outputs : end;
  }
  const activations = dense.map((_, l) => (activated || l < hidden.length ? activation : undefined));
  const plan = (rows: number) => layOut(dense, activations, rows);

  return {
    name,
    parameters,
    layers,
    outputs: head.outputs(task.classes),
    workspace: rows => plan(rows).floats,

    initialize(weights, random, normal) {
      weights.fill(0);
      if (hidden.length === 0) return;
      for (const [l, { inputs, outputs, weights: place }] of dense.entries()) {
        const draw = starts[start ?? activations[l]?.start ?? 'glorot'];
        for (let i = 0; i < inputs * outputs; i++) weights[place / 4 + i] = draw(inputs, outputs, random, normal);
      }
    },

    open(kernels, work, rows) {
      const { floats, ...places } = plan(rows);
      if (work.length < floats || (work.buffer as ArrayBufferLike) !== kernels.memory.buffer) {
        throw new HearsayError('STATE', `${name}: work memory of ${work.length} floats, ${floats} needed in the kernels' memory`);
      }
      return openSession(kernels, dense, activations, head, task.classes, work.byteOffset, places, rows);
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
  /** What stands for the bias of a layer that has none. */
  readonly bias: number;
  readonly packing: number;
}

type Activations = readonly (Activation | undefined)[];

function layOut(dense: readonly Dense[], activations: Activations, rows: number): Places & { floats: number } {
  let floats = 0;
  const take = (count: number) => {
    const place = 4 * floats;
    floats += Math.ceil(count / 32) * 32;
    return place;
  };
  const outputs = dense.map(layer => take(rows * layer.outputs));
  const inputs = dense.map((layer, l) => (activations[l]?.keepsInputs ? take(rows * layer.outputs) : outputs[l]));
  // d of the last layer takes the place of its scores, unless its activation needs them
  const widest = Math.max(0, ...dense.filter((_, l) => l < dense.length - 1 || activations[l]).map(layer => layer.outputs));
  const deltas: [number, number] = [take(rows * widest), take(rows * widest)];
  const bias = take(spareBiases(dense));
  const packed = take(Math.max(...dense.map(layer => packing(rows, layer.inputs, layer.outputs))));
  return { floats, outputs, inputs, deltas, bias, packing: packed };
}

/** The most biases that a layer without them has to do without. */
function spareBiases(dense: readonly Dense[]): number {
  return Math.max(...dense.map(layer => (layer.bias === undefined ? layer.outputs : 0)));
}

function openSession(
  kernels: Kernels,
  dense: readonly Dense[],
  activations: Activations,
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
  const top = activations[last] ? deltas[(last + 1) & 1] : scores;
  const noBias = new Float32Array(kernels.memory.buffer, work + places.bias, spareBiases(dense));
  const biasOf = ({ bias }: Dense, vector: Address) => (bias === undefined ? noBias.byteOffset : vector + bias);

  function forward(weights: Address, x: Address, rows: number): void {
    if (rows > most) throw new HearsayError('STATE', `a batch of ${rows} rows, but the session was opened for at most ${most}`);
    for (let l = 0; l <= last; l++) {
      const layer = dense[l];
      const z = inputs[l];
      noBias.fill(0); // the last pass back has written there
      kernels.forward(z, x, weights + layer.weights, biasOf(layer, weights), rows, layer.inputs, layer.outputs, packed);
      activations[l]?.apply(kernels, outputs[l], z, rows * layer.outputs);
      x = outputs[l];
    }
  }

  /** One pass forward and back. What W and b become goes to `into`: added to it, or instead of it. Returns the mean loss. */
  function pass(weights: Address, into: Address, batch: Batch, scale: number, keep: 0 | 1): number {
    const { rows } = batch;
    const x = batch.inputs.byteOffset;
    forward(weights, x, rows);
    const loss = head.loss(kernels, top, scores, batch.targets.byteOffset, rows, classes, scale / rows);
    let d = top;
    for (let l = last; l >= 0; l--) {
      const layer = dense[l];
      const below = l > 0 ? outputs[l - 1] : x;
      const next = deltas[l & 1];
      const activation = activations[l];
      activation?.back(kernels, d, activation.keepsInputs ? inputs[l] : outputs[l], rows * layer.outputs);
      if (l > 0) kernels.backward(next, d, weights + layer.weights, rows, layer.inputs, layer.outputs, packed);
      kernels.accumulate(into + layer.weights, biasOf(layer, into), below, d, rows, layer.inputs, layer.outputs, keep, packed);
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
      return { loss: head.loss(kernels, scores, scores, targets.byteOffset, rows, classes, 0), correct };
    },

    predict(weights, { rows, inputs: x }, predictions) {
      forward(weights.byteOffset, x.byteOffset, rows);
      head.predict(kernels, predictions, scores, rows, classes);
    },
  };
}
