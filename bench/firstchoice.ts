/** Prints how many milliseconds the first choice of kernels of a process takes, for the model and the task (as JSON) that it is given. */

import { chooseKernels } from '../src/models/kernels/choose.js';
import type { Task } from '../src/models/model.js';
import { namedModel } from '../src/models/named.js';

const [name, text] = process.argv.slice(2);
const task: Task = JSON.parse(text);
const model = namedModel(name, task);
const start = performance.now();
chooseKernels('auto', model, task, 32, () => performance.now());
console.log(performance.now() - start);
