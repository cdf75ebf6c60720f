/** How many bytes a model is on its way. */

import type { Algorithm } from './algorithm.js';

/** Bytes of one message with a model of so many parameters, and all that goes along with it. */
export function bytesOfModel({ bits, planes = [], mixes = [] }: Algorithm, parameters: number): number {
  const along = planes.filter(({ name, carried }) => carried || mixes.includes(name));
  const words = along.reduce((sum, { width = parameters }) => sum + width, 0);
  return Math.ceil((bits ?? 32 * parameters) / 8) + 4 * words;
}
