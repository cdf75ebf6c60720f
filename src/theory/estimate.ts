/** A number of the theory together with how it was obtained: computed, exactly or not, or estimated from samples. */

export interface Estimate {
  readonly value: number;
  readonly how: 'exact' | 'approximate' | 'monte carlo';
  /** Standard error of `value`; 0 when exact, where only rounding is left; NaN when approximate: nothing tells it. */
  readonly error: number;
  /** Independent samples behind `value`; 0 when it was computed. */
  readonly samples: number;
}

/** How long information takes from one source. */
export interface Passage {
  /** Mean time to each node, in node order; 0 to the source itself. */
  readonly to: readonly Estimate[];
  /** Mean time to another node, averaged over the others; 0 for a single node. */
  readonly mean: Estimate;
  /** Mean time until every node has it. */
  readonly broadcast: Estimate;
}

/** How much to sample where no exact way is known. */
export interface Sampling {
  /** 0 to 2^53 - 1. */
  readonly seed?: number;
  /** Independent samples, 2 to 1,000,000. */
  readonly samples?: number;
}

export function exact(value: number): Estimate {
  return { value, how: 'exact', error: 0, samples: 0 };
}

/** `factor` (at least 0) times the estimated number. */
export function scaled(estimate: Estimate, factor: number): Estimate {
  return { ...estimate, value: factor * estimate.value, error: factor * estimate.error };
}

/** The estimated number plus a known one. */
export function shifted(estimate: Estimate, known: number): Estimate {
  return { ...estimate, value: estimate.value + known };
}

/** Running mean and variance of independent samples (Welford 1962). */
export class Tally {
  #samples = 0;
  #mean = 0;
  #squares = 0;

  add(value: number): void {
    const off = value - this.#mean;
    this.#mean += off / ++this.#samples;
    this.#squares += off * (value - this.#mean);
  }

  /** The mean and its standard error; from 2 samples on. */
  estimate(): Estimate {
    const samples = this.#samples;
    return { value: this.#mean, how: 'monte carlo', error: Math.sqrt(this.#squares / (samples - 1) / samples), samples };
  }
}
