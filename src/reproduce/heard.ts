/**
 * FedPBC as its server sees it: the rule of the built-in one, and behind the nodes a row for what those who were heard last have taken.
 * That row is the model that is looked at, in place of the mean of all.
 */

import type { AlgorithmFactory } from '../engine/algorithm.js';
import { fedpbc } from '../engine/algorithms/fedpbc.js';

const heard: AlgorithmFactory = (options, setting) => {
  const rule = fedpbc(options, setting);
  const server = setting.capacity;
  return {
    ...rule,
    name: 'fedpbc, server',
    extraRows: 1,
    sharedRow: server,
    meet(meeting) {
      rule.meet!({
        ...meeting,
        combine: (targets, operands, weights) => meeting.combine([...targets, server], operands, weights),
      });
    },
  };
};

export default heard;
