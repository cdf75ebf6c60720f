/** Laws of random times, on counted randomness and our own logarithm and exponential: the same bits on every machine. */

import type { Range } from '../decimal.js';
import { exp } from '../exponential.js';
import { exponential, normal, type Source } from '../random.js';
import { type Named, numeric, type Settings, type Values } from '../settings.js';

export interface Law {
  /** E[T], seconds. */
  readonly mean: number;
  /**
   * E[T^2] of the law; Infinity for a Pareto law with shape <= 2. Draws end where one in 2^33 lies beyond, so that of all draws is below
   * it where the tail is heavy: by 10 % or more for lognormal from sigma 2.5 on, and for pareto below shape 2.2.
   */
  readonly secondMoment: number;
  /** Draw number `draw` of `node`, in seconds. Above 0 when the mean is. */
  sample(source: Source, node: number, draw: number): number;
}

export interface NamedLaw extends Named {
  /** From the values of its settings. */
  open(values: Readonly<Record<string, unknown>>): Law;
}

function law<Table extends Settings>(
  form: string,
  about: string,
  settings: Table,
  open: (values: Values<Table>) => Law,
): NamedLaw {
  return { form, about, settings, open: values => open(values as Values<Table>) };
}

/** What a time in seconds may be. */
export const seconds: Range = { min: 1e-9, max: 1e9 };

const mean = numeric('seconds on average', seconds, 1);

export const laws = {
  constant: law('constant', 'always the same', { mean }, ({ mean }) => ({
    mean,
    secondMoment: mean * mean,
    sample: () => mean,
  })),

  exponential: law('exponential', 'without memory', { mean }, ({ mean }) => ({
    mean,
    secondMoment: 2 * mean * mean,
    sample: (source, node, draw) => mean * exponential(source, node, draw),
  })),

  /** c + Exp(rate mu). The defaults are those of the timely-learning experiments. */
  shifted: law(
    'shifted',
    'a fixed part and an exponential one',
    {
      c: numeric('seconds of the fixed part', { min: 0, max: 1e9 }, 0.5),
      mu: numeric('rate of the other, a second', { min: 1e-9, max: 1e9 }, 2),
    },
    ({ c, mu }) => {
      const scale = 1 / mu;
      const mean = c + scale;
      const sample = (source: Source, node: number, draw: number) => c + scale * exponential(source, node, draw);
      return { mean, secondMoment: mean * mean + scale * scale, sample };
    },
  ),

  /** exp of a normal with deviation sigma, of the given mean. */
  lognormal: law(
    'lognormal',
    'exp of a normal',
    { mean, sigma: numeric('deviation of the normal', { min: 0, max: 5 }, 0.5) },
    ({ mean, sigma }) => {
      const shift = -0.5 * sigma * sigma;
      const sample = (source: Source, node: number, draw: number) => mean * exp(sigma * normal(source, node, draw) + shift);
      return { mean, secondMoment: mean * mean * exp(sigma * sigma), sample };
    },
  ),

  /**
   * P(T > t) = (least / t)^shape from `least` on. A draw has 32 bits, so the tail ends where one in 2^33 lies beyond: below
   * shape 1.5 the mean of all draws falls short of `mean` (by 12 % at shape 1.1), as that of any run of a few billion draws
   * would.
   */
  pareto: law(
    'pareto',
    'a heavy tail',
    { mean, shape: numeric('exponent of the tail', { above: 1, max: 100 }, 2.5) },
    ({ mean, shape }) => {
      const least = (mean * (shape - 1)) / shape;
      const secondMoment = shape > 2 ? (least * least * shape) / (shape - 2) : Number.POSITIVE_INFINITY;
      return { mean, secondMoment, sample: (source, node, draw) => least * exp(exponential(source, node, draw) / shape) };
    },
  ),
} satisfies Record<string, NamedLaw>;

export type LawName = keyof typeof laws;

/** What may be written for a law, for help texts and errors. */
export const lawSyntax =
  'constant:mean=T | exponential:mean=T | shifted:c=T,mu=R | lognormal:mean=T,sigma=S | pareto:mean=T,shape=A';
