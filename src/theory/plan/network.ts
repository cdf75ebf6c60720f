/** What a plan is made for: who works how fast, who meets whom, and what is learnt, as far as the theory asks. */

import type { Graph } from '../../topology/graph.js';
import type { Delay } from '../delay/law.js';
import type { Estimate } from '../estimate.js';
import type { Mix } from '../flow.js';
import type { Rounds } from '../rounds.js';

/** How models meet. */
export type Scheme =
  /** At the ticks of Poisson clocks beside the work: `rate` exchanges that a node starts per unit of time. */
  | { readonly kind: 'clocks'; readonly mix: Mix; readonly rate: number; readonly weight: number }
  /** The last to update sends, at the rate of all. */
  | { readonly kind: 'opportunistic'; readonly rate: number; readonly relay: boolean }
  /** At the end of each piece of work; its own progress is added before (`commit`) or after (`mix`). */
  | {
      readonly kind: 'work';
      readonly mix: 'pairwise' | 'pull';
      readonly order: 'mix' | 'commit';
      readonly weight: number;
      /** The part of the pieces that end so; all when left out. */
      readonly share?: number;
    }
  /** At the end of each piece of work half of a mass and what it weighs is sent: push-sum. */
  | { readonly kind: 'masses' }
  /** All wait for all. `heard`: chances that the server hears each node; all when left out. `server`: it is a model of its own. */
  | {
      readonly kind: 'rounds';
      readonly round: Estimate;
      readonly heard?: readonly number[];
      readonly server: boolean;
      /** Rounds in which nobody learns: the part of all, and whether what is measured is summed over the nodes. */
      readonly measured?: { readonly share: number; readonly sums: boolean };
    }
  /** All wait for all, and average with their neighbours; their own progress is averaged too (`commit`) or added after (`mix`). */
  | {
      readonly kind: 'neighbourhoods';
      readonly round: Estimate;
      readonly order: 'mix' | 'commit';
      /** Of an edge: by the larger degree of its ends, or 1 / (1 + the largest degree). */
      readonly weights: 'metropolis' | 'uniform';
    }
  /** All wait for all; what a node has, it and its receivers then get in equal parts, by push-sum. */
  | {
      readonly kind: 'pushes';
      readonly round: Estimate;
      readonly rounds: Rounds /** It keeps the mean. */;
      readonly even: boolean;
    }
  /** All wait for all, send compressed differences to their neighbours, and step towards the copies that those hold. */
  | {
      readonly kind: 'compressed';
      readonly round: Estimate;
      /** E |C(x) - x|^2 <= (1 - delta) |x|^2. */
      readonly delta: number;
      /** How C chooses: it keeps all, some drawn at random, the largest; rounds without bias, and scales that down; or otherwise. */
      readonly how: 'whole' | 'random' | 'largest' | 'rounded' | 'other';
      readonly gamma: number;
      /** gamma is divided, number by number, by the root of a running second moment with this memory; the step is 1 at most. */
      readonly memory?: number;
    }
  /** At the end of each piece of work a node and a centre move towards each other by the part alpha of their distance. */
  | { readonly kind: 'springs'; readonly alpha: number }
  /** At ticks of a Poisson clock of `rate`, what was learnt since the last one goes to all neighbours, or the model. */
  | {
      readonly kind: 'broadcasts';
      readonly rate: number;
      /** What comes within one is added together. */
      readonly window: number;
      /** Between two models that all take over; Infinity: never. */
      readonly period: number;
      /** Messages that a node takes in a period; Infinity without a bound. */
      readonly most: number;
      readonly models: boolean;
    }
  /** One model, which all read and add to. */
  | { readonly kind: 'shared' }
  | { readonly kind: 'alone' };

/**
 * What `plan` is asked about: nodes, who they may talk to, how long their work takes and what travels between them. `hearsay
 * plan` makes it of an experiment.
 */
export interface Network {
  readonly graph: Graph;
  readonly nodes: number;
  readonly scheme: Scheme;
  /** Pieces of work that each node finishes per unit of time. */
  readonly rates: readonly number[];
  /** Law of the duration of a piece; that of a node of the mean rate. */
  readonly law: Delay;
  /** Durations are exponential. */
  readonly memoryless: boolean;
  readonly link: Way;
  readonly parameters: number;
  readonly carriage: Carriage;
  readonly step: Step;
}

/** How a model travels. */
export interface Carriage {
  /** Of one model. */
  readonly bytes: number;
  /** In words: bits of each coordinate, or floats. */
  readonly as: string;
  /** It is rounded on its way. */
  readonly rounded: boolean;
}

/** What a message meets on its way: all nothing where it arrives at once. */
export interface Way {
  /** Chance that it is lost. */
  readonly loss: number;
  /** Mean time on the way. */
  readonly mean: number;
  /** Bytes per unit of time that a node can send; Infinity without a bound. */
  readonly bandwidth: number;
}

/** The local step. */
export interface Step {
  /** eta. */
  readonly rate: number;
  /** H, local steps of a piece, on average. */
  readonly steps: number;
  readonly momentum: number;
  /** Weight decay: adds to all curvatures. */
  readonly decay: number;
  readonly nesterov: boolean;
  /** Gradients are divided, number by number, by at least this, which is known beforehand; other divisors are not. */
  readonly divisor?: number;
  /** The step is eta times a pace of at most 1 and at least this. */
  readonly pace?: number;
}

/** Models meet along links, which may delay or lose them; a meeting of all, and one model of all, meet none. */
export function usesLinks({ scheme: { kind } }: Network): boolean {
  return ['clocks', 'opportunistic', 'work', 'masses', 'broadcasts'].includes(kind);
}

/** Lambda: pieces per unit of time of a node, averaged over the nodes. */
export function meanRate({ rates }: Network): number {
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

export function isEven({ rates }: Network): boolean {
  return rates.every(rate => rate === rates[0]);
}
