/** The algorithms by name. */

import type { AlgorithmFactory } from '../algorithm.js';
import { adpsgd } from './adpsgd.js';
import { hogwild } from './hogwild.js';
import { allreduce, local } from './local.js';
import { none } from './none.js';
import { swarm } from './swarm.js';

export const algorithms: Readonly<Record<string, AlgorithmFactory>> = { swarm, adpsgd, local, allreduce, hogwild, none };
