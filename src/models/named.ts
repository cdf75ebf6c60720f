/** Models by name. */

import { HearsayError } from '../errors.js';
import type { Model, Task } from './model.js';

export function namedModel(text: string, _task: Task): Model {
  throw new HearsayError('CONFIG_RANGE', `model: there is no '${text}'`);
}
