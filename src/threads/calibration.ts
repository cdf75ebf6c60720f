/**
 * A few seconds on this machine for what no theory knows: times of a step and of an exchange, gradients and their scatter, a Hessian to
 * multiply with.
 */

import type { Dataset } from '../data/dataset.js';
import type { Experiment } from '../engine/experiment.js';
import { HearsayError } from '../errors.js';
import type { Batch } from '../models/model.js';
import { permuted, source } from '../random.js';
import { openDesk } from './desk.js';
import { kernelsOf } from './mode.js';
import type { Draft } from './prepare.js';
import { train } from './train.js';

export interface Calibration {
  /** Seconds that the run took part in training. */
  readonly seconds: number;
  /** Seconds of a local step, and of an exchange (NaN when there was none), on one thread. */
  readonly step: number;
  readonly exchange: number;
  /** Mean loss of the model after that run, over `rows` training rows. */
  readonly loss: number;
  /** Of the model after that run: |g|^2 without what its noise adds, and the trace of the covariance of a batch's gradient. */
  readonly squared: number;
  readonly trace: number;
  readonly batches: number;
  /** Of the model after that run on `rows` rows; `evaluate` writes the gradient there. Weights may be moved, and have to be put back. */
  readonly slope: { readonly weights: Float32Array; readonly gradient: Float32Array; evaluate(): unknown };
  readonly rows: number;
}

export interface Calibrating {
  /** Of the run. */
  readonly seconds: number;
  /** Rows of the mean gradient that is differentiated, at most. */
  readonly rows?: number;
  /** Batches that the scatter is told from. */
  readonly batches?: number;
  readonly signal?: AbortSignal;
  say?(what: string): void;
}

/**
 * Trains for `seconds` on the clock of the wall, all nodes of the experiment without its links, speeds and churn, and looks at what comes
 * of it. Throws CONFIG_RANGE for a model without parameters, the errors of `train`, and ABORTED.
 */
export async function calibrate(draft: Draft, calibrating: Calibrating): Promise<Calibration> {
  const { experiment, recipe, split, task } = draft;
  const { seconds, rows: mostRows = 512, batches = 32, signal, say } = calibrating;
  const { model } = recipe;
  if (model.parameters === 0)
    throw new HearsayError(
      'CONFIG_RANGE',
      `measure: model ${model.name} has no parameters, allowed is one that learns; leave it out`,
    );
  say?.(`training for ${seconds} s`);
  const { done, model: trained } = await train(live(experiment, recipe.algorithm.only === 'virtual', seconds), { signal }).result;
  if (done.stopReason === 'aborted') throw new HearsayError('ABORTED', 'measure: stopped before the calibration had ended');
  const sum = (value: (of: (typeof done.perThread)[number]) => number) =>
    done.perThread.reduce((total, of) => total + value(of), 0);

  say?.('gradients');
  const { batch, seed } = experiment;
  const { train: table } = split;
  const count = Math.min(mostRows, table.rows);
  const { set } = kernelsOf(experiment, recipe, task);
  const size = Math.max(count, batch);
  const at = openDesk(model, task, set, size, roomOf(table, size), 'to calibrate');
  at.weights.set(trained.weights);
  const order = source(seed, 'calibration');
  const chance = { source: source(seed, 'calibration noise'), node: 0, step: 0 };

  /** Rows `from` on of a random order of all. */
  function gather(from: number, size: number): Batch {
    const numbers = Array.from({ length: size }, (_, k) =>
      permuted(order, 0, Math.floor((from + k) / table.rows), (from + k) % table.rows, table.rows),
    );
    return at.lay(table, numbers, chance);
  }

  const mean = new Float64Array(model.parameters);
  let squares = 0;
  for (let k = 0; k < batches; k++) {
    chance.step = k;
    at.session.gradient(at.weights, at.gradient, gather(k * batch, batch));
    for (let i = 0; i < mean.length; i++) {
      mean[i] += at.gradient[i] / batches;
      squares += at.gradient[i] ** 2;
    }
  }
  const length = mean.reduce((total, value) => total + value * value, 0);
  const trace = Math.max(0, (squares - batches * length) / (batches - 1));
  const whole = gather(0, count);
  return {
    seconds: done.seconds,
    step: sum(of => of.working) / sum(of => of.steps),
    exchange: done.exchanges > 0 ? sum(of => of.gossip) / done.exchanges : Number.NaN,
    loss: at.session.evaluate(at.weights, whole).loss / count,
    squared: length - trace / batches,
    trace,
    batches,
    slope: { weights: at.weights, gradient: at.gradient, evaluate: () => at.session.gradient(at.weights, at.gradient, whole) },
    rows: count,
  };
}

/** The experiment on the clock of the wall, ended by it. What only virtual time can do is replaced by plain gossip. */
function live(experiment: Experiment, isVirtual: boolean, seconds: number): Experiment {
  return {
    ...experiment,
    ...{
      deterministic: false,
      clock: null,
      speeds: 'same',
      link: 'ideal',
      churn: 'none',
      capacity: null,
      slots: null,
      parallel: 'auto',
    },
    ...{
      time: null,
      epochs: null,
      steps: null,
      until: null,
      seconds,
      evaluateEvery: { value: 1e6, unit: 'seconds' },
      stragglers: [],
    },
    ...(isVirtual ? { algorithm: 'gossip' } : {}),
  };
}

/** Numbers that any `rows` rows have at most. */
function roomOf({ sparse, features }: Dataset, rows: number): number {
  if (!sparse) return rows * features;
  let most = 0;
  for (let row = 0; row + 1 < sparse.offsets.length; row++) most = Math.max(most, sparse.offsets[row + 1] - sparse.offsets[row]);
  return rows * most;
}
