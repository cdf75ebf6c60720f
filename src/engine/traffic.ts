/** How many bytes models are on their way. */

import type { Algorithm } from './algorithm.js';
import { messageBytes } from './compress/transfer.js';
import type { Counters } from './metrics.js';

/** Bytes of one model of so many parameters as a link carries it. */
export function bytesOnLink(algorithm: Algorithm, parameters: number): number {
  return algorithm.quantize ? messageBytes(parameters, algorithm.quantize) : bytesOfModel(algorithm, parameters);
}

/** Bytes that have gone from one node to another so far. */
export function bytesMoved(algorithm: Algorithm, parameters: number, { models, messages, plain }: Counters): number {
  const codes = algorithm.quantize ? messages * messageBytes(parameters, algorithm.quantize) : 0;
  return (models + plain) * bytesOfModel(algorithm, parameters) + codes;
}

/** A model that is not quantized, and all that goes along with it. */
function bytesOfModel({ bits, planes = [], mixes = [] }: Algorithm, parameters: number): number {
  const along = planes.filter(({ name, carried }) => carried || mixes.includes(name));
  const words = along.reduce((sum, { width = parameters }) => sum + width, 0);
  return Math.ceil((bits ?? 32 * parameters) / 8) + 4 * words;
}
