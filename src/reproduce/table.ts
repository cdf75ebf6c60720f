/** The experiments by their ids. */

import { opportunistic } from './opportunistic.js';
import { potential } from './potential.js';
import { regression } from './regression.js';
import type { Reproduction } from './reproduction.js';
import { speedup } from './speedup.js';
import { staleness } from './staleness.js';

export const reproductions: readonly Reproduction[] = [
  staleness(),
  opportunistic(),
  regression('linear'),
  regression('tanh'),
  potential(),
  speedup(),
];
