/**
 * A network as a model of ONNX (opset 17): raw rows in, predictions out, any number of rows at once. `input` has the shape of the data,
 * as floats, bytes or, of a text, whole numbers (any number of tokens up to the model's); `probabilities` are those of the classes,
 * `values` a real value a row.
 */

import type { Graph, HeadKind, Range } from '../../layers/operation.js';
import type { Model } from '../../model.js';
import type { Inputs, Origin } from '../inputs.js';
import { type Arranged, arranged, unknownLayers, valuesOf } from '../layout.js';
import { writeSteps } from '../writers.js';
import { type Nodes, openNodes } from './nodes.js';
import { operations } from './operations.js';
import { onnxBytes, types, type Value } from './proto.js';

/** Throws CONFIG_RANGE for a model whose layers are not known, and DATA_TOO_LARGE for one of 2 GiB or more. */
export async function writeOnnx(model: Model, weights: Float32Array, inputs: Inputs, origin: Origin): Promise<Uint8Array> {
  const { graph } = model;
  if (!graph) throw unknownLayers(model.name, 'ONNX', 'allowed is --format safetensors or npz');
  const nodes = openNodes();
  const tensors = { pytorch: byName(arranged(model, 'pytorch')), hearsay: byName(arranged(model, 'hearsay')) };
  let length: string | undefined;
  const writing = {
    nodes,
    parameter({ name }: Range, layout: 'pytorch' | 'hearsay') {
      const tensor = tensors[layout].get(name)!;
      return nodes.constant(tensor.name, tensor.shape, valuesOf(tensor, weights));
    },
    length() {
      length ??= nodes.add('Slice', [nodes.add('Shape', ['input']), nodes.integers(1), nodes.integers(2)]);
      return length;
    },
  };
  const input = inputOf(graph, inputs);
  const x = input.elemType === types.int64 ? input.name : standardized(nodes, graph, inputs);
  const output = predictions(nodes, graph, writeSteps(operations, writing, graph.steps, x));
  const outputs = [{ name: output, elemType: types.float, shape: ['rows', model.outputs] }];
  const { version, metadata } = origin;
  const made = { producer: 'hearsay', version, metadata, opset: 17 };
  return onnxBytes({ ...made, nodes: nodes.nodes, initializers: nodes.initializers, inputs: [input], outputs });
}

function byName(tensors: readonly Arranged[]): ReadonlyMap<string, Arranged> {
  return new Map(tensors.map(tensor => [tensor.own, tensor]));
}

function inputOf({ input, steps }: Graph, { of }: Inputs): Value {
  if (steps[0]?.operation.kind === 'embedding') return { name: 'input', elemType: types.int64, shape: ['rows', 'tokens'] };
  return { name: 'input', elemType: of === 'bytes' ? types.uint8 : types.float, shape: ['rows', ...input] };
}

/** In doubles, as it is done in training: a mean may be far larger than what differs from it. */
function standardized(nodes: Nodes, { input }: Graph, { of, scale, shift, standard }: Inputs): string {
  if (of === 'numbers' && !standard) return 'input';
  const constant = (name: string, values: Float64Array) => nodes.constant(name, values.length === 1 ? [] : input, values);
  let x = nodes.add('Cast', ['input'], { to: types.double });
  if (of === 'bytes') {
    x = nodes.add('Mul', [x, constant('byte.scale', Float64Array.of(scale))]);
    x = nodes.add('Add', [x, constant('byte.shift', Float64Array.of(shift))]);
  }
  if (standard) {
    x = nodes.add('Sub', [x, constant('input.mean', standard.mean)]);
    x = nodes.add('Mul', [x, constant('input.factor', standard.factor)]);
  }
  return nodes.add('Cast', [x], { to: types.float });
}

function predictions(nodes: Nodes, { head, tokens }: Graph, scores: string): string {
  if (tokens === 1) return heads[head](nodes, scores);
  const last = nodes.constant('index.-1', [], BigInt64Array.of(-1n));
  return heads[head](nodes, nodes.add('Gather', [scores, last], { axis: 1 }));
}

const heads: Readonly<Record<HeadKind, (nodes: Nodes, scores: string) => string>> = {
  softmax: (nodes, scores) => nodes.add('Softmax', [scores], { axis: -1 }, 'probabilities'),
  logistic(nodes, scores) {
    const chance = nodes.add('Sigmoid', [scores]);
    const other = nodes.add('Sub', [nodes.constant('number.1', [], Float32Array.of(1)), chance]);
    return nodes.add('Concat', [other, chance], { axis: 1 }, 'probabilities');
  },
  hinge: (nodes, scores) => nodes.add('Concat', [nodes.add('Neg', [scores]), scores], { axis: 1 }, 'values'),
  squared: (nodes, scores) => nodes.add('Identity', [scores], {}, 'values'),
};
