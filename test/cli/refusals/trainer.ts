/** The trainer of the program itself, on real threads. */

import type { Trainer } from '../../../src/cli/train.js';
import { goOn, train } from '../../../src/threads/train.js';

export const realTrainer: Trainer = (experiment, { from, ...rest } = {}) =>
  from ? goOn({ ...from, experiment }, from.checkpoint, rest) : train(experiment, rest);
