/**
 * What CHOCO-SGD and AdaGossip share: each node has a public copy of its model that its neighbours hold too, kept up to date by compressed
 * messages,
 *
 *   q_i = C(x_i - h_i),   h_i = h_i + q_i
 *
 * so what compression leaves out is made up for later. The copy is one plane here, of which neighbours read; a message counts its own
 * bits.
 */

import { readNumber } from '../../decimal.js';
import { HearsayError } from '../../errors.js';
import { optional, type Setting } from '../../settings.js';
import type { RowKernel } from '../algorithm.js';
import { type Compressor, contracting, delta } from '../compress/compressor.js';
import { compressorSyntax, readCompressor } from '../compress/read.js';
import { topk } from '../compress/topk.js';

export const compress: Setting<Compressor> = {
  about: 'what becomes of a message; unbiased ones are scaled down to contractions',
  range: compressorSyntax,
  otherwise: topk(0.1),
  fallback: 'topk:0.1',
  read: readCompressor,
};

/** Beyond this many times |x|^2, E |C(x) - x|^2 leaves a contraction that hardly moves anything. */
const most = 99;

/** The compressor, made a contraction where it is unbiased. Throws CONFIG_RANGE for one that is too coarse for so many parameters. */
export function contraction(compressor: Compressor, parameters: number, where: string): Compressor {
  const error = compressor.error(parameters);
  if (!compressor.unbiased || error <= most) return contracting(compressor);
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: compress: found ${compressor.name}, which may be off by ${Math.round(error)} times the square of what it maps for ${parameters} numbers, allowed is ${most}: take more bits or levels (lattice:8, qsgd:${Math.ceil(Math.sqrt(parameters) / 2)}), or topk, randk, sign`,
  );
}

const above0 = { above: 0, max: 1 };

/** The default is our own rule of thumb: see `stepOf`. */
export const consensusStep = optional<number>(
  {
    about: 'how far a model goes towards those of its neighbours',
    range: 'above 0 and up to 1',
    otherwise: 1,
    fallback: '',
    read: (text, where) => readNumber(text, above0, where),
  },
  'twice delta, at most 1, where compress takes a part of 1 - delta off at most (topk, randk: delta is the share); 0.2 for sign',
);

/** The provable step is far smaller (gamma* of Koloskova, Stich, Jaggi 2019), and keeps models closer together; this one is for speed. */
export function stepOf(compressor: Compressor, parameters: number): number {
  if (compressor.name === 'sign') return 0.2;
  return Math.min(1, 2 * delta(compressor, parameters)!);
}

/** h = h + C(x + D - h), D being the piece that is about to be committed. `counter` counts messages. */
export function publishing(compressor: Compressor, counter?: string): RowKernel {
  return ({ to, from, seed, kernels, room }) => {
    const { params, delta, hat } = from;
    const next = to.hat;
    const n = next.length;
    kernels.gap(next.byteOffset, params.byteOffset, delta.byteOffset, hat.byteOffset, n);
    compressor.apply(next, next, { a: seed, b: Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b }, { kernels, room });
    kernels.commit(next.byteOffset, hat.byteOffset, next.byteOffset, n);
    if (counter === undefined) return;
    to[counter].set(from[counter]);
    to[counter][0]++;
  };
}
