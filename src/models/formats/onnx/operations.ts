/** What each layer is in ONNX: channels come first there, as in PyTorch, whose shapes the parameters have. */

import { HearsayError } from '../../../errors.js';
import type { Operation, Range } from '../../layers/operation.js';
import type { StepOf, Writers } from '../writers.js';
import type { Nodes } from './nodes.js';

export interface Writing {
  readonly nodes: Nodes;
  /** A parameter as a constant: in PyTorch's layout, or as it lies here. Returns its name. */
  parameter(range: Range, layout: 'pytorch' | 'hearsay'): string;
  /** The tokens of a text, a list of one number, known when it runs. */
  length(): string;
}

/** Values are names. Throw CONFIG_RANGE for shapes that no model here has. */
export const operations: Writers<Writing, string> = {
  residual: (body, shortcut, { nodes }) => nodes.add('Add', [body, shortcut]),
  'channels-last': x => x, // they stay first
  dropout: x => x,
  reshape(x, { nodes }, { input, output }) {
    if (output.length === 1) return nodes.add('Flatten', [x], { axis: 1 });
    if (output.length === 3 && output[2] === 1) return nodes.add('Reshape', [x, nodes.integers(0, 1, output[0], output[1])]);
    throw unknown(`${input.join(' x ')} read as ${output.join(' x ')}`);
  },
  dense(x, { nodes, parameter }, { input, tensors: [weight, bias] }) {
    if (input.length === 1) {
      const rest = bias ? [parameter(bias, 'pytorch')] : [];
      return nodes.add('Gemm', [x, parameter(weight, 'pytorch'), ...rest], { transB: 1 });
    }
    if (input.length === 3) throw unknown('a dense layer along the channels of an image');
    const product = nodes.add('MatMul', [x, parameter(weight, 'hearsay')]);
    return bias ? nodes.add('Add', [product, parameter(bias, 'hearsay')]) : product;
  },
  convolution(x, { nodes, parameter }, { tensors, operation: { windows } }) {
    const { size, stride, pad } = windows;
    const square = { kernel_shape: [size, size], strides: [stride, stride], pads: [pad, pad, pad, pad] };
    return nodes.add('Conv', [x, ...tensors.map(range => parameter(range, 'pytorch'))], square);
  },
  'max-pool': (x, writing, step) => pool('MaxPool', x, writing, step),
  'average-pool': (x, writing, step) => pool('AveragePool', x, writing, step),
  normalization: (x, writing, step) =>
    step.input.length === 3 || step.operation.groups > 1 ? groups(x, writing, step) : layerNormalization(x, writing, step),
  activation: (x, { nodes }, { operation }) => activation(nodes, operation.name, x),
  embedding(x, { nodes, parameter, length }, { tensors: [token, position] }) {
    const words = nodes.add('Gather', [parameter(token, 'hearsay'), x], { axis: 0 });
    const places = [parameter(position, 'hearsay'), nodes.integers(0), length(), nodes.integers(0)];
    return nodes.add('Add', [words, nodes.add('Slice', places)]);
  },
  attention,
};

type Pool = StepOf<'max-pool' | 'average-pool'>;

function pool(operator: string, x: string, { nodes }: Writing, { output, operation: { windows } }: Pool): string {
  const { size, stride } = windows;
  const pooled = nodes.add(operator, [x], { kernel_shape: [size, size], strides: [stride, stride] });
  return output.length === 1 ? nodes.add('Flatten', [pooled], { axis: 1 }) : pooled;
}

type Normalization = StepOf<'normalization'>;

/** Groups become the channels of an instance normalization; then each channel has its own weight. */
function groups(x: string, writing: Writing, step: Normalization): string {
  const { nodes, parameter } = writing;
  const { input, tensors, operation } = step;
  if (operation.over === 'each') {
    const last = nodes.add('Transpose', [x], { perm: [0, 2, 3, 1] });
    return nodes.add('Transpose', [layerNormalization(last, writing, step)], { perm: [0, 3, 1, 2] });
  }
  const count = operation.groups;
  const [ones, zeros] = [1, 0].map(value =>
    nodes.constant(`groups.${count}.${value}`, [count], new Float32Array(count).fill(value)),
  );
  const grouped = nodes.add('Reshape', [x, nodes.integers(0, count, -1)]);
  const normed = nodes.add('InstanceNormalization', [grouped, ones, zeros], { epsilon: { float: operation.epsilon } });
  const isImage = input.length === 3;
  const shape = isImage ? [0, input[2], input[0], input[1]] : [0, ...input];
  const back = nodes.add('Reshape', [normed, nodes.integers(...shape)]);
  const [weight, bias] = tensors.map(range => {
    const name = parameter(range, 'pytorch');
    return isImage ? nodes.add('Reshape', [name, nodes.integers(-1, 1, 1)]) : name;
  });
  return nodes.add('Add', [nodes.add('Mul', [back, weight]), bias]);
}

/** Over the last axis. */
function layerNormalization(x: string, { nodes, parameter }: Writing, { tensors, operation }: Normalization): string {
  const [weight, bias] = tensors.map(range => parameter(range, 'pytorch'));
  return nodes.add('LayerNormalization', [x, weight, bias], { axis: -1, epsilon: { float: operation.epsilon } });
}

function activation(nodes: Nodes, name: (Operation & { kind: 'activation' })['name'], x: string): string {
  const number = (value: number) => nodes.constant(`number.${value}`, [], Float32Array.of(value));
  switch (name) {
    case 'relu':
      return nodes.add('Relu', [x]);
    case 'tanh':
      return nodes.add('Tanh', [x]);
    case 'gelu': {
      const part = nodes.add('Erf', [nodes.add('Mul', [x, number(Math.SQRT1_2)])]);
      return nodes.add('Mul', [nodes.add('Mul', [x, number(0.5)]), nodes.add('Add', [part, number(1)])]);
    }
    default:
      throw unknown(`the activation ${name satisfies never}`);
  }
}

function attention(x: string, { nodes, parameter, length }: Writing, { input, tensors, operation }: StepOf<'attention'>): string {
  const { heads } = operation;
  const [tokens, width] = input;
  const size = width / heads;
  const [inWeight, inBias, outWeight, outBias] = tensors.map(range => parameter(range, 'hearsay'));
  const three = nodes.add('Add', [nodes.add('MatMul', [x, inWeight]), inBias]);
  const apart = nodes.add('Reshape', [three, nodes.integers(0, 0, 3, heads, size)]);
  const parts = nodes.add('Transpose', [apart], { perm: [2, 0, 3, 1, 4] });
  const [queries, keys, values] = [0, 1, 2].map(k =>
    nodes.add('Gather', [parts, nodes.constant(`index.${k}`, [], BigInt64Array.of(BigInt(k)))], { axis: 0 }),
  );
  const products = nodes.add('MatMul', [queries, nodes.add('Transpose', [keys], { perm: [0, 1, 3, 2] })]);
  const root = nodes.constant(`number.${1 / Math.sqrt(size)}`, [], Float32Array.of(1 / Math.sqrt(size)));
  const ends = nodes.add('Concat', [length(), length()], { axis: 0 });
  const mask = nodes.add('Slice', [
    nodes.constant(`later.${tokens}`, [tokens, tokens], later(tokens)),
    nodes.integers(0, 0),
    ends,
  ]);
  const scores = nodes.add('Add', [nodes.add('Mul', [products, root]), mask]);
  const found = nodes.add('MatMul', [nodes.add('Softmax', [scores], { axis: -1 }), values]);
  const together = nodes.add('Reshape', [nodes.add('Transpose', [found], { perm: [0, 2, 1, 3] }), nodes.integers(0, 0, width)]);
  return nodes.add('Add', [nodes.add('MatMul', [together, outWeight]), outBias]);
}

/** 0 where a token may look, so far below where it may not that nothing is left of it. */
function later(tokens: number): Float32Array {
  return Float32Array.from({ length: tokens * tokens }, (_, k) => (k % tokens > Math.floor(k / tokens) ? -1e30 : 0));
}

function unknown(what: string): HearsayError {
  return new HearsayError('CONFIG_RANGE', `export: onnx: found ${what}, which is not written yet; export as safetensors`);
}
