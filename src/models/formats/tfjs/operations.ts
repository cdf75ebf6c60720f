/**
 * What each layer is in Keras's terms, channels last as here. What tfjs-layers lack is put together exactly of what they have: a weight
 * and a bias of each channel are a depthwise convolution of 1 x 1, and a normalization of groups is that of a layer in another shape.
 */

import type { Range, Step } from '../../layers/operation.js';
import type { StepOf, Writers } from '../writers.js';
import type { Applied, Config, Topology, Weights } from './topology.js';

export interface Writing {
  readonly topology: Topology;
  /** A parameter as it lies here. */
  values(range: Range): Float32Array;
  /** The layer, once there is one, that takes the later tokens out of attention. */
  mask?: string;
}

export const operations: Writers<Writing, Applied> = {
  residual: (body, shortcut, { topology }, { name }) => topology.add('Add', name, {}, [body, shortcut]),
  'channels-last': (x, { topology }, { name }) => topology.add('Permute', name, { dims: [2, 3, 1] }, [x]),
  reshape: (x, { topology }, { output }) => reshape(topology, output, x),
  dropout: (x, { topology }, { name, operation: { rate } }) => topology.add('Dropout', name, { rate }, [x]),
  activation: (x, { topology }, { name, operation }) => topology.add('Activation', name, { activation: operation.name }, [x]),
  dense(x, { topology, values }, { name, tensors: [weight, bias] }) {
    const weights: Weights = {
      kernel: { shape: weight.shape, values: values(weight) },
      ...(bias && { bias: { shape: bias.shape, values: values(bias) } }),
    };
    return topology.add('Dense', name, denseConfig(weight.shape[1], bias !== undefined), [x], weights);
  },
  convolution,
  'max-pool': (x, writing, step) => pool('MaxPooling2D', x, writing, step),
  'average-pool': (x, writing, step) => pool('AveragePooling2D', x, writing, step),
  normalization,
  embedding,
  attention,
};

export function reshape(topology: Topology, shape: readonly number[], x: Applied): Applied {
  return topology.add('Reshape', 'reshape', { target_shape: shape }, [x]);
}

/** x * weight + bias of each value along the last axis; `name` is the layer's. */
export function scaled(
  topology: Topology,
  name: string,
  shape: readonly number[],
  { weight, bias, trainable = true }: { weight: Float32Array; bias: Float32Array; trainable?: boolean },
  x: Applied,
): Applied {
  const channels = weight.length;
  const isImage = shape.length === 3 && shape[2] === channels;
  const config = { kernel_size: [1, 1], strides: [1, 1], padding: 'valid', depth_multiplier: 1, use_bias: true, trainable };
  const weights = {
    depthwise_kernel: { shape: [1, 1, channels, 1], values: weight },
    bias: { shape: [channels], values: bias },
  };
  const places = shape.reduce((product, n) => product * n, 1) / channels;
  const image = isImage ? x : reshape(topology, [1, places, channels], x);
  const made = topology.add('DepthwiseConv2D', name, config, [image], weights);
  return isImage ? made : reshape(topology, shape, made);
}

export function denseConfig(units: number, bias: boolean, activation = 'linear'): Config {
  return { units, activation, use_bias: bias };
}

function convolution(x: Applied, { topology, values }: Writing, step: StepOf<'convolution'>): Applied {
  const {
    name,
    tensors: [weight, bias],
    operation: {
      windows: { size, stride, pad },
    },
  } = step;
  // Keras's `same` puts the zeros of a larger stride on one side only.
  const isSame = pad > 0 && stride === 1;
  const around = [
    [pad, pad],
    [pad, pad],
  ];
  const from = pad > 0 && !isSame ? topology.add('ZeroPadding2D', `${name}_border`, { padding: around }, [x]) : x;
  const config = {
    filters: weight.shape[3],
    kernel_size: [size, size],
    strides: [stride, stride],
    padding: isSame ? 'same' : 'valid',
    activation: 'linear',
    use_bias: bias !== undefined,
  };
  const weights: Weights = {
    kernel: { shape: weight.shape, values: values(weight) },
    ...(bias && { bias: { shape: bias.shape, values: values(bias) } }),
  };
  return topology.add('Conv2D', name, config, [from], weights);
}

type Pool = StepOf<'max-pool' | 'average-pool'>;

function pool(layer: string, x: Applied, { topology }: Writing, { name, output, operation: { windows } }: Pool): Applied {
  const { size, stride } = windows;
  if (output.length === 1) return topology.add('GlobalAveragePooling2D', name, {}, [x]);
  const config = { pool_size: [size, size], strides: [stride, stride], padding: 'valid' };
  return topology.add(layer, name, config, [x]);
}

function normalization(x: Applied, { topology, values }: Writing, step: StepOf<'normalization'>): Applied {
  const {
    name,
    input,
    tensors: [weight, bias],
    operation: { over, groups, epsilon },
  } = step;
  const own = { axis: -1, epsilon, center: true, scale: true };
  if (over === 'each' || (input.length === 1 && groups === 1)) {
    const [gamma, beta] = [weight, bias].map(range => ({ shape: range.shape, values: values(range) }));
    return topology.add('LayerNormalization', name, own, [x], { gamma, beta });
  }
  const channels = input.at(-1)!;
  const places = input.slice(0, -1).reduce((product, n) => product * n, 1);
  const each = channels / groups;
  // Channels of a group and their places as one axis, and back.
  const apart = topology.add('Permute', 'permute', { dims: [2, 1, 3] }, [reshape(topology, [places, groups, each], x)]);
  const together = reshape(topology, [groups, places * each], apart);
  const plain = { ...own, center: false, scale: false };
  const normed = reshape(
    topology,
    [groups, places, each],
    topology.add('LayerNormalization', `${name}_groups`, plain, [together]),
  );
  const back = reshape(topology, input, topology.add('Permute', 'permute', { dims: [2, 1, 3] }, [normed]));
  return scaled(topology, name, input, { weight: values(weight), bias: values(bias) }, back);
}

function embedding(x: Applied, { topology, values }: Writing, { name, output, tensors: [token, position] }: Step): Applied {
  const config = { input_dim: token.shape[0], output_dim: token.shape[1], input_length: output[0] };
  const words = topology.add('Embedding', `${name}_token`, config, [x], {
    embeddings: { shape: token.shape, values: values(token) },
  });
  const bias = values(position);
  // What is added to each place is a bias of the whole text as one vector.
  const weight = new Float32Array(bias.length).fill(1);
  return reshape(
    topology,
    output,
    scaled(topology, `${name}_position`, [bias.length], { weight, bias }, reshape(topology, [bias.length], words)),
  );
}

/** Each head by itself: tfjs multiplies no more than a batch of matrices. */
function attention(x: Applied, writing: Writing, { name, input, tensors, operation }: StepOf<'attention'>): Applied {
  const { topology, values } = writing;
  const { heads } = operation;
  const [tokens, width] = input;
  const size = width / heads;
  const [inWeight, inBias, outWeight, outBias] = tensors.map(values);
  const part = (what: string, head: number, k: number, factor: number) => {
    const first = k * width + head * size;
    const kernel = new Float32Array(width * size);
    for (let row = 0; row < width; row++)
      for (let c = 0; c < size; c++) kernel[row * size + c] = inWeight[row * 3 * width + first + c] * factor;
    const bias = inBias.slice(first, first + size).map(value => value * factor);
    return topology.add('Dense', `${name}_${what}${head + 1}`, denseConfig(size, true), [x], {
      kernel: { shape: [width, size], values: kernel },
      bias: { shape: [size], values: bias },
    });
  };
  const found = Array.from({ length: heads }, (_, head) => {
    const queries = part('queries', head, 0, 1 / Math.sqrt(size));
    const keys = part('keys', head, 1, 1);
    const scores = topology.add('Dot', `${name}_scores`, { axes: [2, 2], normalize: false }, [queries, keys]);
    const shares = topology.add('Softmax', `${name}_shares`, { axis: -1 }, [masked(writing, tokens, scores)]);
    return topology.add('Dot', `${name}_found`, { axes: [2, 1], normalize: false }, [shares, part('values', head, 2, 1)]);
  });
  const all = heads === 1 ? found[0] : topology.add('Concatenate', `${name}_heads`, { axis: -1 }, found);
  return topology.add('Dense', `${name}_out`, denseConfig(width, true), [all], {
    kernel: { shape: [width, width], values: outWeight },
    bias: { shape: [width], values: outBias },
  });
}

/** Far below zero where a token would look at a later one: one layer for all heads. */
function masked(writing: Writing, tokens: number, scores: Applied): Applied {
  const { topology } = writing;
  const places = tokens * tokens;
  const flat = reshape(topology, [1, 1, places], scores);
  let made: Applied;
  if (writing.mask === undefined) {
    const weight = new Float32Array(places).fill(1);
    const bias = Float32Array.from({ length: places }, (_, k) => (k % tokens > Math.floor(k / tokens) ? -1e30 : 0));
    made = scaled(topology, 'causal', [1, 1, places], { weight, bias, trainable: false }, flat);
    writing.mask = made.layer;
  } else made = topology.again(writing.mask, flat);
  return reshape(topology, [tokens, tokens], made);
}
