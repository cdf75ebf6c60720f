/** What a transformer is made of (Vaswani et al. 2017): embeddings of tokens and places, and causal attention of several heads. */

import { HearsayError } from '../../errors.js';
import { starts } from '../activation.js';
import { attentionRoom } from '../kernels/contract/attention.js';
import { packing } from '../kernels/packing.js';
import { type LayerOf, padded, sizeOf } from './layer.js';

/**
 * y[t] = table[x[t]] + place[t], for the first `tokens` numbers of a row: what comes behind them is not looked at. The numbers are whole
 * and below `vocabulary`. Both tables start normal with deviation 0.02 (Radford et al. 2019).
 */
export function embedding(vocabulary: number, tokens: number, width: number): LayerOf {
  return input => {
    const stride = sizeOf(input);
    const words = vocabulary * width;
    return {
      name: 'embedding',
      operation: { kind: 'embedding' },
      output: [tokens, width],
      tensors: [
        { name: 'token', shape: [vocabulary, width] },
        { name: 'position', shape: [tokens, width] },
      ],
      looksAt: { input: true, output: false },
      inPlace: false,
      kept: () => 0,
      work: () => 0,
      initialize(weights, _random, normal) {
        for (let k = 0; k < weights.length; k++) weights[k] = 0.02 * normal();
      },
      forward({ kernels, rows }, { x, y, weights }) {
        kernels.embed(y, x, weights, weights + 4 * words, rows, tokens, stride, width);
      },
      // There is no way further back: whole numbers have no gradient.
      backward({ kernels, rows }, { x, dy, into }, keep) {
        if (keep === 0) new Float32Array(kernels.memory.buffer, into, words + tokens * width).fill(0);
        kernels.embedAccumulate(into, into + 4 * words, dy, x, rows, tokens, stride, width);
      },
    };
  };
}

/** Queries, keys and values by one product, attention to oneself and those before, and a product of what the heads found. */
export function attention(heads: number): LayerOf {
  return (input, where) => {
    const [tokens, width] = input;
    if (input.length !== 2 || width % heads !== 0)
      throw new HearsayError(
        'CONFIG_RANGE',
        `${where}: found ${heads} heads over ${input.join(' x ')}, allowed is tokens x width, and a number of heads that divides the width`,
      );
    const ins = width * 3 * width;
    const outs = width * width;
    const [bias, output, last] = [ins, ins + 3 * width, ins + 3 * width + outs].map(floats => 4 * floats);
    const packed = (most: number) =>
      padded(
        Math.max(
          packing(most * tokens, width, 3 * width),
          packing(most * tokens, width, width),
          attentionRoom(tokens, width / heads),
        ),
      );
    /** In `kept`: queries, keys and values; the softmax; what the heads found. */
    const sizes = (most: number) =>
      [most * tokens * 3 * width, most * heads * tokens * tokens, most * tokens * width].map(padded);

    return {
      name: 'attention',
      operation: { kind: 'attention', heads },
      output: input,
      tensors: [
        { name: 'in_weight', shape: [width, 3 * width] },
        { name: 'in_bias', shape: [3 * width] },
        { name: 'out_weight', shape: [width, width] },
        { name: 'out_bias', shape: [width] },
      ],
      looksAt: { input: true, output: false },
      inPlace: false,
      kept: most => sizes(most).reduce((sum, floats) => sum + floats, 0),
      work: most => packed(most) + padded(most * tokens * 3 * width) + padded(most * tokens * width),

      initialize(weights, random, normal) {
        for (let k = 0; k < ins; k++) weights[k] = starts.glorot(width, width, random, normal);
        for (let k = 0; k < outs; k++) weights[output / 4 + k] = starts.glorot(width, width, random, normal);
      },

      forward({ kernels, rows, most }, { x, y, weights, kept, work }) {
        const [shares, found] = placesIn(kept, most);
        kernels.forward(kept, x, weights, weights + bias, rows * tokens, width, 3 * width, work);
        kernels.attend(found, shares, kept, rows, tokens, heads, width, work);
        kernels.forward(y, found, weights + output, weights + last, rows * tokens, width, width, work);
      },

      backward({ kernels, rows, most }, { x, dx, dy, weights, into, kept, work }, keep) {
        const [shares, found] = placesIn(kept, most);
        const dThree = work + 4 * packed(most);
        const dFound = dThree + 4 * padded(most * tokens * 3 * width);
        kernels.backward(dFound, dy, weights + output, rows * tokens, width, width, work);
        kernels.accumulate(into + output, into + last, found, dy, rows * tokens, width, width, keep, work);
        kernels.attendBack(dThree, dFound, kept, shares, rows, tokens, heads, width, work);
        if (dx !== 0) kernels.backward(dx, dThree, weights, rows * tokens, width, 3 * width, work);
        kernels.accumulate(into, into + bias, x, dThree, rows * tokens, width, 3 * width, keep, work);
      },
    };

    function placesIn(kept: number, most: number): [number, number] {
      const [three, square] = sizes(most);
      return [kept + 4 * three, kept + 4 * (three + square)];
    }
  };
}
