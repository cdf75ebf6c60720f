/** A plan: everything that the theory says of a network before it runs. */

import type { Sampling } from '../estimate.js';
import { plannedCost, type Times } from './cost.js';
import { plannedMixing } from './mixing.js';
import type { Network } from './network.js';
import { plannedScale, type Scatter } from './scale.js';
import { plannedStability, type Spectrum } from './stability.js';
import { plannedStaleness } from './staleness.js';
import type { Said } from './statement.js';

/** What is given or measured beside the network. */
export interface Known {
  readonly memory: number;
  readonly spectrum?: Spectrum;
  readonly scatter?: Scatter;
  readonly times?: Times;
}

/** Throws CONFIG_RANGE, and GRAPH_DISCONNECTED where staleness would grow without bound. */
export function plan(network: Network, { memory, spectrum, scatter, times }: Known, sampling?: Sampling): Said {
  const noise = scatter && Math.sqrt(scatter.trace / network.parameters);
  const parts = [
    plannedStaleness(network, sampling),
    plannedMixing(network, scatter?.trace),
    plannedStability(network, spectrum, noise),
    plannedScale(network, scatter),
    plannedCost(network, memory, times),
  ];
  return { statements: parts.flatMap(({ statements }) => statements), notes: parts.flatMap(({ notes }) => notes) };
}
