/** How long `--kernels auto` takes to choose, the kernels compiled: for each model the least of three choices, and what was chosen. */

import { strict as assert } from 'node:assert';
import { chooseKernels } from '../src/models/kernels/choose.js';
import { isPlan } from '../src/models/kernels/plan.js';
import type { Task } from '../src/models/model.js';
import { namedModel } from '../src/models/named.js';
import type { Row } from './measure.js';

const digits: Task = { features: 784, shape: [28, 28], classes: 10 };
const photos: Task = { features: 3072, shape: [3, 32, 32], classes: 10 };
const texts: Task = { features: 65, shape: [65], classes: 65, categories: new Array(65).fill(65) };

const cases: readonly (readonly [string, Task])[] = [
  ['mlp:128', digits],
  ['mlp:512,512', digits],
  ['lenet', digits],
  ['resnet8', photos],
  ['resnet20', photos],
  ['transformer:2,4,64', texts],
];

/** Milliseconds that a choice may take. */
const bar = 200;

export function choice(): Row[] {
  return cases.map(([name, task]) => {
    let least = Number.POSITIVE_INFINITY;
    let note = '';
    for (let k = 0; k < 3; k++) {
      const start = performance.now();
      const found = chooseKernels('auto', namedModel(name, task), task, 32, () => performance.now());
      least = Math.min(least, performance.now() - start);
      assert.ok(isPlan(found.set));
      note = found.note;
    }
    return {
      name: `auto for ${name}: ${note}`,
      value: least,
      unit: 'ms',
      ratio: bar / least,
      of: 'of the speed asked for',
      bar: 1,
    };
  });
}
