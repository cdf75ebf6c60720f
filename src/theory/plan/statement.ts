/** One number of a plan, and how much it may be trusted. */

import type { Estimate } from '../estimate.js';

/**
 * theorem: exact under the assumptions that `ground` states. approximation: near, where it says. measurement: of this machine, this model
 * and these data.
 */
export type Kind = 'theorem' | 'approximation' | 'measurement';

/** What a statement is about. */
export type Topic = 'staleness' | 'mixing' | 'stability' | 'scale' | 'cost';

/** One thing that is said before a run, with its kind and its ground. */
export interface Statement {
  readonly topic: Topic;
  readonly what: string;
  /** May be Infinity: without bound. */
  readonly value: number;
  readonly unit: string;
  /** One standard error; null where there is none. */
  readonly error: number | null;
  readonly kind: Kind;
  /** Assumptions and source. */
  readonly ground: string;
}

/** What is said, and what can't be said and why. */
export interface Said {
  readonly statements: readonly Statement[];
  readonly notes: readonly string[];
}

/** Makes the statements of one topic. */
export function sayer(topic: Topic) {
  return (what: string, value: number, unit: string, kind: Kind, ground: string, error: number | null = null): Statement => ({
    ...{ topic, what, value, unit, error, kind, ground },
  });
}

/** The kind of an estimate: one from samples of a theorem's law is an approximation, with its error. */
export function kindOf({ how }: Estimate, otherwise: Kind = 'theorem'): Kind {
  return how === 'exact' ? otherwise : 'approximation';
}

/** The error of an estimate, null where it has none. */
export function errorOf({ how, error }: Estimate): number | null {
  return how === 'monte carlo' ? error : null;
}
