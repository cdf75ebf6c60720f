/** The experiments by their ids. */

import { adaptive } from './adaptive.js';
import { badNodes } from './badnodes.js';
import { cap } from './cap.js';
import { coupled } from './coupled.js';
import { delay } from './delay.js';
import { multiplier } from './multiplier.js';
import { opportunistic } from './opportunistic.js';
import { participation } from './participation.js';
import { potential } from './potential.js';
import { quantized } from './quantized.js';
import { regression } from './regression.js';
import type { Reproduction } from './reproduction.js';
import { scaling } from './scaling.js';
import { speedup } from './speedup.js';
import { staleness } from './staleness.js';
import { vanishing } from './vanishing.js';

export const reproductions: readonly Reproduction[] = [
  staleness(),
  opportunistic(),
  regression('linear'),
  regression('tanh'),
  potential(),
  quantized(),
  multiplier(),
  delay(),
  adaptive(),
  participation(),
  vanishing(),
  coupled(),
  scaling(),
  cap(),
  speedup(),
  badNodes(),
];
