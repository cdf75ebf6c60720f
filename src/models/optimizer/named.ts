/**
 * Optimizers by name: `sgd:rate=.1,momentum=.9,nesterov=true,decay=1e-4`, `adam:rate=.001,beta1=.9`. Each takes `clip=1`, and a schedule
 * of its rate: `warmup=100`, `schedule=cosine` over the run or over `steps=5000`, `schedule=step,every=1000,factor=.5`,
 * `schedule=harmonic,offset=20`.
 */

import { HearsayError } from '../../errors.js';
import { suggestion } from '../../nearest.js';
import { flag, type Named, numeric, oneOf, optional, readSettings, type Settings, type Values } from '../../settings.js';
import { parseSpec, quote, type Spec } from '../../spec.js';
import type { Layer } from '../model.js';
import { adam } from './adam.js';
import { adaptive } from './adaptive.js';
import { clipped } from './clip.js';
import { lamb } from './lamb.js';
import type { Optimizer } from './optimizer.js';
import { constant, cosine, harmonic, type Schedule, stepwise, warmUp } from './schedule.js';
import { sgd } from './sgd.js';

const some = { whole: true, min: 1, max: 1e12 };

const rate = (otherwise: number) => numeric('the rate', { above: 0, max: 1e6 }, otherwise);
const decay = numeric('weight decay, added to the gradient', { min: 0, max: 1 }, 0);
const ownDecay = (otherwise: number) => numeric('weight decay, beside the gradient', { min: 0, max: 1 }, otherwise);
const beta = (what: string, otherwise: number) =>
  numeric(`how much a step leaves of the mean of ${what}`, { min: 0, below: 1 }, otherwise);
const eps = (otherwise: number) => numeric('added to the root that gradients are divided by', { min: 0, max: 1 }, otherwise);
const moments = { beta1: beta('gradients', 0.9), beta2: beta('squared gradients', 0.999) };

/** What every optimizer takes. */
const shared = {
  clip: optional(
    numeric('longest gradient, as the norm of all: a longer one is shortened to it', { above: 0, max: 1e30 }, 1),
    'none',
  ),
  schedule: oneOf("how the rate changes with the node's own steps", ['constant', 'step', 'cosine', 'harmonic']),
  warmup: numeric('steps of a straight rise to the whole rate', { ...some, min: 0 }, 0),
  steps: optional(numeric('with schedule=cosine: steps until the rate is 0', some, 1), 'those of the run'),
  every: optional(numeric('with schedule=step: steps between two changes', some, 1), 'none: it must be given'),
  offset: optional(numeric('with schedule=harmonic: K of rate / (step + K)', { above: 0, max: 1e12 }, 1), '1'),
  factor: optional(numeric('with schedule=step: what the rate is multiplied by', { above: 0, max: 1 }, 0.1), '0.1'),
};

/** Which state is averaged wherever models are: an option of the optimizers that have state. */
const travels = (...planes: string[]) =>
  oneOf("state that is averaged wherever models are; what doesn't travel is the node's own", ['none', 'all', ...planes]);

type Shared = Values<typeof shared>;

const ofMoments = travels('mean', 'square');

const ofSgd = {
  rate: rate(0.1),
  momentum: numeric('part of the last step that is taken again', { min: 0, below: 1 }, 0),
  workers: numeric(
    'that share one model: their delay acts as momentum 1 - 1 / workers, which is taken off',
    { whole: true, min: 1, max: 1e6 },
    1,
  ),
  nesterov: flag("Nesterov's form of momentum"),
  decay,
  travels: travels('momentum'),
};

interface Given {
  readonly schedule: Schedule;
  readonly layers: readonly Layer[];
}

interface Known extends Named {
  open(values: unknown, given: Given): Optimizer;
}

function known<Own extends Settings>(
  form: string,
  about: string,
  own: Own,
  open: (values: Values<Own> & Pick<Given, 'schedule'>, layers: readonly Layer[]) => Optimizer,
): Known {
  return {
    ...{ form, about, settings: { ...own, ...shared } },
    open: (values, { schedule, layers }) => open({ ...(values as Values<Own>), schedule }, layers),
  };
}

const table: readonly Known[] = [
  known('sgd', 'stochastic gradient descent', ofSgd, values => sgd({ ...values, momentum: momentumLeft(values) })),
  known(
    'adam',
    'steps of about the rate in each weight, by means of gradients and of their squares',
    { rate: rate(0.001), ...moments, eps: eps(1e-8), decay, travels: ofMoments },
    values => adam('adam', values, false),
  ),
  known(
    'adamw',
    'adam with a weight decay that is not divided',
    { rate: rate(0.001), ...moments, eps: eps(1e-8), decay: ownDecay(0.01), travels: ofMoments },
    values => adam('adamw', values, true),
  ),
  known(
    'rmsprop',
    'gradients over the root of the mean of their squares',
    { rate: rate(0.001), beta2: beta('squared gradients', 0.99), eps: eps(1e-8), decay, travels: travels('square') },
    values => adaptive('rmsprop', values, { keep: values.beta2, gain: 1 - values.beta2 }),
  ),
  known(
    'adagrad',
    'gradients over the root of the sum of their squares',
    { rate: rate(0.01), eps: eps(1e-10), decay, travels: travels('square') },
    values => adaptive('adagrad', values, { keep: 1, gain: 1 }),
  ),
  known(
    'lamb',
    'the direction of adamw, its length in each layer in proportion to the layer',
    { rate: rate(0.01), ...moments, eps: eps(1e-6), decay: ownDecay(0.01), travels: ofMoments },
    (values, layers) => lamb(values, layers),
  ),
];

/** What may be asked for, for help texts. */
export const optimizers: readonly Named[] = table;

/**
 * The optimizer that `text` names. `steps` is how many steps a node is expected to take, Infinity when nobody knows; a cosine needs
 * it or its own `steps`. `where` names the option in messages; `layers` are those of the model. Throws CONFIG_RANGE, CONFIG_UNKNOWN_KEY
 * or CONFIG_MISSING.
 */
export function namedOptimizer(text: string, steps: number, where = 'optimizer', layers: readonly Layer[] = []): Optimizer {
  const spec = parseSpec(text, where);
  const entry = entryOf(spec, where);
  const values = readSettings(spec, entry.settings, where) as Shared & {
    readonly nesterov?: boolean;
    readonly momentum?: number;
    readonly travels?: string;
  };
  if (values.nesterov && values.momentum === 0) {
    throw new HearsayError('CONFIG_MISSING', `${where}: nesterov=true needs a momentum; write ${text},momentum=0.9`);
  }
  const optimizer = travelling(entry.open(values, { schedule: scheduleOf(values, steps, where), layers }), values.travels, where);
  return values.clip === undefined ? optimizer : clipped(optimizer, values.clip);
}

/** The optimizer, with the state that travels said to. */
function travelling(optimizer: Optimizer, asked: string | undefined, where: string): Optimizer {
  if (asked === undefined || asked === 'none') return optimizer;
  const { state } = optimizer;
  if (state.length === 0)
    throw new HearsayError(
      'CONFIG_MISSING',
      `${where}: travels=${asked} needs state, and ${optimizer.name} without momentum has none; add momentum=0.9, or leave it out`,
    );
  return { ...optimizer, state: state.map(one => ({ ...one, travels: asked === 'all' || asked === one.name })) };
}

/** The settings of `sgd` and its momentum, when that is what `text` names: see `momentumLeft`. Throws as `namedOptimizer`. */
export function readSgd(text: string, where = 'optimizer'): (Values<typeof ofSgd> & Shared) | undefined {
  const spec = parseSpec(text, where);
  if (entryOf(spec, where).form !== 'sgd') return undefined;
  const values = readSettings(spec, { ...ofSgd, ...shared }, where);
  return { ...values, momentum: momentumLeft(values) };
}

/** What is left of the momentum when the delay of the workers is taken off. */
function momentumLeft({ momentum, workers }: Values<typeof ofSgd>): number {
  return Math.max(0, momentum - (1 - 1 / workers));
}

function entryOf({ name }: Spec, where: string): Known {
  const entry = table.find(({ form }) => form === name);
  if (entry) return entry;
  const names = table.map(({ form }) => form);
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: found ${quote(name)}, allowed is ${names.join(' | ')}${suggestion(name, names) || '; write sgd:rate=0.1'}`,
  );
}

const owners = { every: 'step', factor: 'step', steps: 'cosine', offset: 'harmonic' } as const;

function scheduleOf(values: Shared, expected: number, where: string): Schedule {
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
