/**
 * Optimizers by name: `sgd:rate=.1,momentum=.9,nesterov=true,decay=1e-4`, and a schedule of the rate: `warmup=100`,
 * `schedule=cosine` over the run or over `steps=5000`, `schedule=step,every=1000,factor=.5`.
 */

import { HearsayError } from '../../errors.js';
import { suggestion } from '../../nearest.js';
import { expectSettings, numberSetting, parseSpec, quote, type Spec, switchSetting, wordSetting } from '../../spec.js';
import type { Optimizer } from './optimizer.js';
import { constant, cosine, type Schedule, stepwise, warmUp } from './schedule.js';
import { sgd } from './sgd.js';

const where = 'optimizer';
const whole = { whole: true, min: 0, max: 1e12 };

/**
 * The optimizer that `text` names. `steps` is how many steps a node is expected to take, Infinity when nobody knows; a cosine needs
 * it or its own `steps`. Throws CONFIG_RANGE, CONFIG_UNKNOWN_KEY or CONFIG_MISSING.
 */
export function namedOptimizer(text: string, steps: number): Optimizer {
  const spec = parseSpec(text, where);
  if (spec.name !== 'sgd') {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(spec.name)}, allowed is sgd${suggestion(spec.name, ['sgd'])}`,
    );
  }
  expectSettings(spec, ['rate', 'momentum', 'nesterov', 'decay', 'schedule', 'warmup', 'steps', 'every', 'factor'], where);
  const momentum = numberSetting(spec, 'momentum', { min: 0, below: 1 }, 0, where);
  const nesterov = switchSetting(spec, 'nesterov', where);
  if (nesterov && momentum === 0) {
    throw new HearsayError('CONFIG_MISSING', `${where}: nesterov=true needs a momentum; write ${text},momentum=0.9`);
  }
  return sgd({
    rate: numberSetting(spec, 'rate', { above: 0, max: 1e6 }, 0.1, where),
    momentum,
    nesterov,
    decay: numberSetting(spec, 'decay', { min: 0, max: 1 }, 0, where),
    schedule: scheduleOf(spec, steps),
  });
}

function scheduleOf(spec: Spec, expected: number): Schedule {
  const kind = wordSetting(spec, 'schedule', ['constant', 'step', 'cosine'], where);
  const refuse = (key: string, owner: string) => {
    if (key in spec.options && kind !== owner) {
      throw new HearsayError(
        'CONFIG_RANGE',
        `${where}: ${key} belongs to schedule=${owner}, found schedule=${kind}; leave it out`,
      );
    }
  };
  refuse('every', 'step');
  refuse('factor', 'step');
  refuse('steps', 'cosine');
  const warm = numberSetting(spec, 'warmup', whole, 0, where);
  let then = constant;
  if (kind === 'step') {
    if (!('every' in spec.options)) {
      throw new HearsayError(
        'CONFIG_MISSING',
        `${where}: schedule=step needs every=STEPS; write schedule=step,every=1000,factor=0.5`,
      );
    }
    const every = numberSetting(spec, 'every', { ...whole, min: 1 }, 1, where);
    then = stepwise(every, numberSetting(spec, 'factor', { above: 0, max: 1 }, 0.1, where));
  }
  if (kind === 'cosine') {
    const total = numberSetting(spec, 'steps', { ...whole, min: 1 }, expected, where);
    if (!Number.isFinite(total)) {
      throw new HearsayError(
        'CONFIG_MISSING',
        `${where}: schedule=cosine needs to know how many steps a node takes; give --epochs or --steps, or steps=N here`,
      );
    }
    then = cosine(Math.max(1, total - warm));
  }
  return warm > 0 ? warmUp(warm, then) : then;
}
