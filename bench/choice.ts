/**
 * How long `--kernels auto` takes to choose: for each model the least of three choices, the kernels compiled, and what was chosen; and the
 * first choice of a fresh process, their compilation included.
 */

import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { choiceLimit, chooseKernels } from '../src/models/kernels/choose.js';
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
  return cases.flatMap(([name, task]) => {
    let least = Number.POSITIVE_INFINITY;
    let note = '';
    for (let k = 0; k < 3; k++) {
      const start = performance.now();
      const found = chooseKernels('auto', namedModel(name, task), task, 32, () => performance.now());
      least = Math.min(least, performance.now() - start);
      assert.ok(isPlan(found.set));
      note = found.note;
    }
    const first = firstChoice(name, task);
    return [
      { name: `auto for ${name}: ${note}`, value: least, unit: 'ms', ratio: bar / least, of: 'of the speed asked for', bar: 1 },
      { name: `auto for ${name}, first in a process`, value: first, unit: 'ms', ratio: first / choiceLimit, of: 'of the limit' },
    ];
  });
}

/** Milliseconds. */
export function firstChoice(name: string, task: Task): number {
  const script = fileURLToPath(new URL('firstchoice.js', import.meta.url));
  return Number(execFileSync(process.execPath, [script, name, JSON.stringify(task)], { encoding: 'utf8' }));
}
