/** Laws of random times, on counted randomness and our own logarithm and exponential: the same bits on every machine. */

import { type Range, readNumber } from '../decimal.js';
import { exponential as exp } from '../exponential.js';
import { exponential, normal, type Source } from '../random.js';

export interface Law {
  /** E[T], seconds. */
  readonly mean: number;
  /** E[T^2]; Infinity for a Pareto law with shape <= 2. */
  readonly secondMoment: number;
  /** Draw number `draw` of `node`, in seconds. Above 0 when the mean is. */
  sample(source: Source, node: number, draw: number): number;
}

/** What may be written for a law, for help texts and errors. */
export const lawSyntax =
  'constant:mean=T | exponential:mean=T | shifted:c=T,mu=R | lognormal:mean=T,sigma=S | pareto:mean=T,shape=A';

/** The settings of each law. */
export const lawSettings = {
  constant: ['mean'],
  exponential: ['mean'],
  shifted: ['c', 'mu'],
  lognormal: ['mean', 'sigma'],
  pareto: ['mean', 'shape'],
} as const;

export type LawName = keyof typeof lawSettings;

/** What a time in seconds may be. */
export const seconds: Range = { min: 1e-9, max: 1e9 };

/**
 * The law `name` with its settings as they were written; a setting that is left out has the value of the default. `means` is
 * what a mean may be. Throws CONFIG_RANGE, naming `where`.
 */
export function lawNamed(name: LawName, settings: Readonly<Record<string, string>>, where: string, means = seconds): Law {
  return laws[name]((key, fallback, range) =>
    settings[key] === undefined ? fallback : readNumber(settings[key], range ?? means, `${where}: ${name}: ${key}`),
  );
}

/** A setting: its key, its value when none is given, and what it may be (left out: what a mean may be). */
type Read = (key: string, fallback: number, range?: Range) => number;

const laws: Readonly<Record<LawName, (read: Read) => Law>> = {
  constant(read) {
    const mean = read('mean', 1);
    return { mean, secondMoment: mean * mean, sample: () => mean };
  },

  exponential(read) {
    const mean = read('mean', 1);
    return { mean, secondMoment: 2 * mean * mean, sample: (source, node, draw) => mean * exponential(source, node, draw) };
  },

  /** c + Exp(rate mu): a fixed part and a random one. The defaults are those of the timely-learning experiments. */
  shifted(read) {
    const c = read('c', 0.5, { min: 0, max: 1e9 });
    const scale = 1 / read('mu', 2, { min: 1e-9, max: 1e9 });
    const mean = c + scale;
    const sample = (source: Source, node: number, draw: number) => c + scale * exponential(source, node, draw);
    return { mean, secondMoment: mean * mean + scale * scale, sample };
  },

  /** exp of a normal with deviation sigma, of the given mean. */
  lognormal(read) {
    const mean = read('mean', 1);
    const sigma = read('sigma', 0.5, { min: 0, max: 5 });
    const shift = -0.5 * sigma * sigma;
    const sample = (source: Source, node: number, draw: number) => mean * exp(sigma * normal(source, node, draw) + shift);
    return { mean, secondMoment: mean * mean * exp(sigma * sigma), sample };
  },

  /**
   * P(T > t) = (least / t)^shape from `least` on. A draw has 32 bits, so the tail ends where one in 2^33 lies beyond: below
   * shape 1.5 the mean of all draws falls short of `mean` (by 12 % at shape 1.1), as that of any run of a few billion draws
   * would.
   */
  pareto(read) {
    const mean = read('mean', 1);
    const shape = read('shape', 2.5, { above: 1, max: 100 });
    const least = (mean * (shape - 1)) / shape;
    const secondMoment = shape > 2 ? (least * least * shape) / (shape - 2) : Number.POSITIVE_INFINITY;
    return { mean, secondMoment, sample: (source, node, draw) => least * exp(exponential(source, node, draw) / shape) };
  },
};
