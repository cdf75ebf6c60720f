/** The experiments by their ids. */

import { cap } from './cap.js';
import { coupled } from './coupled.js';
import { delay } from './delay.js';
import { multiplier } from './multiplier.js';
import { opportunistic } from './opportunistic.js';
import { participation } from './participation.js';
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
  multiplier(),
  delay(),
  participation(),
  coupled(),
  cap(),
  speedup(),
];
