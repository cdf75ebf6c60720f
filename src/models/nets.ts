/** The layers of well-known networks. */

import { starts } from './activation.js';
import { attention, embedding } from './layers/attention.js';
import { convolution, image } from './layers/convolution.js';
import { dense, flatten } from './layers/dense.js';
import { activation, dropout } from './layers/elementwise.js';
import type { LayerOf } from './layers/layer.js';
import { groupNorm, layerNorm } from './layers/normalization.js';
import { globalAverage, maxPool } from './layers/pooling.js';
import { residual } from './layers/residual.js';

const relu = activation('relu');

/**
 * LeNet-5 (LeCun et al. 1998) as it is trained today: relu, and the largest of each window. Images of 28 x 28 get a border of zeros, as
 * theirs had: then 61,706 parameters for 10 classes. The largest is taken before relu, which gives the same for a quarter of the work.
 */
export function lenet(height: number, scores: number): LayerOf[] {
  const he = { start: starts.he };
  return [
    image,
    convolution(6, 5, { padding: height < 32 ? 'same' : 'valid' }),
    maxPool(2),
    relu,
    convolution(16, 5),
    maxPool(2),
    relu,
    flatten,
    dense(120, he),
    relu,
    dense(84, he),
    relu,
    dense(scores),
  ];
}

/**
 * The residual networks for small images (He, Zhang, Ren, Sun 2016, section 4.2) of 6 n + 2 layers, with group normalization in the place
 * of batch normalization: a batch of another node's would else leak in.
 */
export function resnet(n: number, scores: number): LayerOf[] {
  const blocks = [16, 32, 64].flatMap((filters, stage) =>
    Array.from({ length: n }, (_, k) => block(filters, stage > 0 && k === 0 ? 2 : 1)),
  );
  return [image, ...normed(16, 3, 1), relu, ...blocks.flat(), globalAverage, dense(scores)];
}

function block(filters: number, stride: number): LayerOf[] {
  const body = [...normed(filters, 3, stride), relu, ...normed(filters, 3, 1)];
  return [residual(body, stride > 1 ? normed(filters, 1, stride) : []), relu];
}

/** A convolution without biases, as the normalization behind it has its own. */
function normed(filters: number, size: number, stride: number): LayerOf[] {
  const groups = Math.max(1, Math.min(8, filters / 4));
  return [convolution(filters, size, { stride, padding: 'same', bias: false }), groupNorm(groups)];
}

export interface TransformerSettings {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly tokens: number;
  readonly vocabulary: number;
  /** Share of the values that are dropped behind each sum's part. */
  readonly dropout: number;
}

/** A causal transformer, normalized before each part (Radford et al. 2019): embeddings, `layers` blocks, and scores of the next token. */
export function transformer({ layers, heads, width, tokens, vocabulary, dropout: rate }: TransformerSettings): LayerOf[] {
  let place = 0;
  const drop = () => (rate > 0 ? [dropout(rate, place++)] : []);
  const part = (inner: readonly LayerOf[]) => residual([layerNorm, ...inner, ...drop()]);
  const blocks = Array.from({ length: layers }, () => [
    part([attention(heads)]),
    part([dense(4 * width), activation('gelu'), dense(width)]),
  ]);
  return [embedding(vocabulary, tokens, width), ...drop(), ...blocks.flat(), layerNorm, dense(vocabulary)];
}
