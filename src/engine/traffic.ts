/** How many bytes models are on their way. */

import type { Optimizer } from '../models/optimizer/optimizer.js';
import type { Algorithm } from './algorithm.js';
import { movementsOf } from './along.js';
import { messageBytes } from './compress/transfer.js';
import type { PlaneShape } from './layout.js';
import type { Counters } from './metrics.js';
import type { Recipe } from './recipe.js';

type Travellers = Pick<Recipe, 'algorithm' | 'optimizer'>;

/** Bytes of one model of so many parameters as a link carries it. */
export function bytesOnLink({ algorithm, optimizer }: Travellers, parameters: number): number {
  return algorithm.quantize ? messageBytes(parameters, algorithm.quantize) : bytesOfModel(algorithm, optimizer, parameters);
}

/** Bytes that have gone from one node to another so far. */
export function bytesMoved(
  { algorithm, optimizer }: Travellers,
  parameters: number,
  { models, messages, plain }: Counters,
): number {
  const codes = algorithm.quantize ? messages * messageBytes(parameters, algorithm.quantize) : 0;
  return (models + plain) * bytesOfModel(algorithm, optimizer, parameters) + codes;
}

/** A model that is not quantized, and all that goes along with it. */
function bytesOfModel(algorithm: Algorithm, optimizer: Optimizer, parameters: number): number {
  const { bits, planes = [], mixes = [] } = algorithm;
  const moving = movementsOf(optimizer, algorithm);
  const goes = ({ name, carried }: PlaneShape) => carried || mixes.includes(name) || moving.some(one => one.name === name);
  const state = optimizer.state.filter(({ travels }) => travels).length * parameters;
  const words = planes.filter(goes).reduce((sum, { width = parameters }) => sum + width, state);
  return Math.ceil((bits ?? 32 * parameters) / 8) + 4 * words;
}
