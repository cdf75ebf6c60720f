/** What each layer is in ONNX: channels come first there, as in PyTorch, whose shapes the parameters have. */

import { HearsayError } from '../../../errors.js';
import type { Operation, Range, Step } from '../../layers/operation.js';
import type { Nodes } from './nodes.js';

export interface Writing {
  readonly nodes: Nodes;
  /** A parameter as a constant: in PyTorch's layout, or as it lies here. Returns its name. */
  parameter(range: Range, layout: 'pytorch' | 'hearsay'): string;
  /** The tokens of a text, a list of one number, known when it runs. */
  length(): string;
}

/** The steps one after the other, from `x` on. Returns the name of what comes out. Throws CONFIG_RANGE for shapes that no model here has. */
export function write(writing: Writing, steps: readonly Step[], x: string): string {
  return steps.reduce((x, step) => one(writing, step, x), x);
}

function one(writing: Writing, step: Step, x: string): string {
  const { operation } = step;
  switch (operation.kind) {
    case 'chain':
      return write(writing, operation.steps, x);
    case 'residual': {
      const body = write(writing, operation.body, x);
      return writing.nodes.add('Add', [body, write(writing, operation.shortcut, x)]);
    }
    case 'channels-last': // they stay first
    case 'dropout':
      return x;
    case 'reshape':
      return reshape(writing, step, x);
    case 'dense':
      return dense(writing, step, x);
    case 'convolution':
      return convolution(writing, step, operation, x);
    case 'max-pool':
    case 'average-pool':
      return pool(writing, step, operation, x);
    case 'normalization':
      return step.input.length === 3 || operation.groups > 1
        ? groups(writing, step, operation, x)
        : layerNormalization(writing, step, operation, x);
    case 'activation':
      return activation(writing.nodes, operation.name, x);
    case 'embedding':
      return embedding(writing, step, x);
    case 'attention':
      return attention(writing, step, operation.heads, x);
  }
}

function reshape({ nodes }: Writing, { input, output }: Step, x: string): string {
  if (output.length === 1) return nodes.add('Flatten', [x], { axis: 1 });
  if (output.length === 3 && output[2] === 1) return nodes.add('Reshape', [x, nodes.integers(0, 1, output[0], output[1])]);
  throw unknown(`${input.join(' x ')} read as ${output.join(' x ')}`);
}

function dense({ nodes, parameter }: Writing, { input, tensors: [weight, bias] }: Step, x: string): string {
  if (input.length === 1) {
    const rest = bias ? [parameter(bias, 'pytorch')] : [];
    return nodes.add('Gemm', [x, parameter(weight, 'pytorch'), ...rest], { transB: 1 });
  }
  if (input.length === 3) throw unknown('a dense layer along the channels of an image');
  const product = nodes.add('MatMul', [x, parameter(weight, 'hearsay')]);
  return bias ? nodes.add('Add', [product, parameter(bias, 'hearsay')]) : product;
}

function convolution(
  { nodes, parameter }: Writing,
  { tensors }: Step,
  { windows: { size, stride, pad } }: Operation & { kind: 'convolution' },
  x: string,
): string {
  const square = { kernel_shape: [size, size], strides: [stride, stride], pads: [pad, pad, pad, pad] };
  return nodes.add('Conv', [x, ...tensors.map(range => parameter(range, 'pytorch'))], square);
}

function pool(
  { nodes }: Writing,
  { output }: Step,
  { kind, windows: { size, stride } }: Operation & { kind: 'max-pool' | 'average-pool' },
  x: string,
): string {
  const operator = kind === 'max-pool' ? 'MaxPool' : 'AveragePool';
  const pooled = nodes.add(operator, [x], { kernel_shape: [size, size], strides: [stride, stride] });
  return output.length === 1 ? nodes.add('Flatten', [pooled], { axis: 1 }) : pooled;
}

type Normalization = Operation & { kind: 'normalization' };

/** Groups become the channels of an instance normalization; then each channel has its own weight. */
function groups(writing: Writing, step: Step, operation: Normalization, x: string): string {
  const { nodes, parameter } = writing;
  const { input, tensors } = step;
  if (operation.over === 'each') {
    const last = nodes.add('Transpose', [x], { perm: [0, 2, 3, 1] });
    return nodes.add('Transpose', [layerNormalization(writing, step, operation, last)], { perm: [0, 3, 1, 2] });
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
function layerNormalization({ nodes, parameter }: Writing, { tensors }: Step, { epsilon }: Normalization, x: string): string {
  const [weight, bias] = tensors.map(range => parameter(range, 'pytorch'));
  return nodes.add('LayerNormalization', [x, weight, bias], { axis: -1, epsilon: { float: epsilon } });
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

function embedding({ nodes, parameter, length }: Writing, { tensors: [token, position] }: Step, x: string): string {
  const words = nodes.add('Gather', [parameter(token, 'hearsay'), x], { axis: 0 });
  const places = [parameter(position, 'hearsay'), nodes.integers(0), length(), nodes.integers(0)];
  return nodes.add('Add', [words, nodes.add('Slice', places)]);
}

function attention({ nodes, parameter, length }: Writing, { input, tensors }: Step, heads: number, x: string): string {
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
