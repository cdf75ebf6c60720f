/** How many rows are nodes. Apart from the options, which threads do not need: to load what checks them takes a third of a start. */

import { HearsayError } from '../errors.js';
import type { Experiment } from './experiment.js';

/** Most nodes of one run; the 4 GiB of shared memory end earlier for all but the smallest models. */
export const mostNodes = 10_000_000;

/** Rows that are nodes, those for newcomers included: twice the nodes when some may join, unless it is said. Throws CONFIG_RANGE. */
export function capacityOf({ nodes, capacity, churn }: Experiment): number {
  if (capacity !== null && capacity < nodes) {
    throw new HearsayError('CONFIG_RANGE', `capacity: found ${capacity}, allowed is at least the ${nodes} nodes; leave it out`);
  }
  return capacity ?? (churn === 'none' ? nodes : 2 * nodes);
}
