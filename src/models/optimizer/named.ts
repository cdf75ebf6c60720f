/**
 * Optimizers by name: `sgd:rate=.1,momentum=.9,nesterov=true,decay=1e-4`, and a schedule of the rate: `warmup=100`,
 * `schedule=cosine` over the run or over `steps=5000`, `schedule=step,every=1000,factor=.5`, `schedule=harmonic,offset=20`.
 */

import { HearsayError } from '../../errors.js';
import { suggestion } from '../../nearest.js';
import { flag, type Named, numeric, oneOf, optional, readSettings, type Values } from '../../settings.js';
import { parseSpec, quote } from '../../spec.js';
import type { Optimizer } from './optimizer.js';
import { constant, cosine, harmonic, type Schedule, stepwise, warmUp } from './schedule.js';
import { sgd } from './sgd.js';

const some = { whole: true, min: 1, max: 1e12 };

const settings = {
  rate: numeric('the rate', { above: 0, max: 1e6 }, 0.1),
  momentum: numeric('part of the last step that is taken again', { min: 0, below: 1 }, 0),
  workers: numeric(
    'that share one model: their delay acts as momentum 1 - 1 / workers, which is taken off',
    { whole: true, min: 1, max: 1e6 },
    1,
  ),
  nesterov: flag("Nesterov's form of momentum"),
  decay: numeric('weight decay, added to the gradient', { min: 0, max: 1 }, 0),
  schedule: oneOf("how the rate changes with the node's own steps", ['constant', 'step', 'cosine', 'harmonic']),
  warmup: numeric('steps of a straight rise to the whole rate', { ...some, min: 0 }, 0),
  steps: optional(numeric('with schedule=cosine: steps until the rate is 0', some, 1), 'those of the run'),
  every: optional(numeric('with schedule=step: steps between two changes', some, 1), 'none: it must be given'),
  offset: optional(numeric('with schedule=harmonic: K of rate / (step + K)', { above: 0, max: 1e12 }, 1), '1'),
  factor: optional(numeric('with schedule=step: what the rate is multiplied by', { above: 0, max: 1 }, 0.1), '0.1'),
};

type Sgd = Values<typeof settings>;

/** What may be asked for, for help texts. */
export const optimizers: readonly Named[] = [{ form: 'sgd', about: 'stochastic gradient descent', settings }];

/**
 * The optimizer that `text` names. `steps` is how many steps a node is expected to take, Infinity when nobody knows; a cosine needs
 * it or its own `steps`. `where` names the option in messages. Throws CONFIG_RANGE, CONFIG_UNKNOWN_KEY or CONFIG_MISSING.
 */
export function namedOptimizer(text: string, steps: number, where = 'optimizer'): Optimizer {
  const values = readOptimizer(text, where);
  const { rate, momentum, nesterov, decay } = values;
  return sgd({ rate, momentum, nesterov, decay, schedule: scheduleOf(values, steps, where) });
}

/**
 * The settings that `text` writes, with the momentum that is left when the delay of the workers is taken off. Throws as `namedOptimizer`.
 */
export function readOptimizer(text: string, where = 'optimizer'): Sgd {
  const spec = parseSpec(text, where);
  if (spec.name !== 'sgd') {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(spec.name)}, allowed is sgd${suggestion(spec.name, ['sgd']) || '; write sgd:rate=0.1'}`,
    );
  }
  const values = readSettings(spec, settings, where);
  if (values.nesterov && values.momentum === 0) {
    throw new HearsayError('CONFIG_MISSING', `${where}: nesterov=true needs a momentum; write ${text},momentum=0.9`);
  }
  return { ...values, momentum: Math.max(0, values.momentum - (1 - 1 / values.workers)) };
}

const owners = { every: 'step', factor: 'step', steps: 'cosine', offset: 'harmonic' } as const;

function scheduleOf(values: Sgd, expected: number, where: string): Schedule {
  const { schedule, warmup, steps = expected, every, factor = 0.1, offset = 1 } = values;
  for (const [key, owner] of Object.entries(owners)) {
    if (values[key as keyof typeof owners] === undefined || schedule === owner) continue;
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: ${key} belongs to schedule=${owner}, found schedule=${schedule}; leave it out`,
    );
  }
  let then = constant;
  if (schedule === 'step') {
    if (every === undefined) {
      throw new HearsayError(
        'CONFIG_MISSING',
        `${where}: schedule=step needs every=STEPS; write schedule=step,every=1000,factor=0.5`,
      );
    }
    then = stepwise(every, factor);
  }
  if (schedule === 'harmonic') then = harmonic(offset);
  if (schedule === 'cosine') {
    if (!Number.isFinite(steps)) {
      throw new HearsayError(
        'CONFIG_MISSING',
        `${where}: schedule=cosine needs to know how many steps a node takes; give --epochs or --steps, or steps=N here`,
      );
    }
    then = cosine(Math.max(1, steps - warmup));
  }
  return warmup > 0 ? warmUp(warmup, then) : then;
}
