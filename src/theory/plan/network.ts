/** What a plan is made for: who works how fast, who meets whom, and what is learnt, as far as the theory asks. */

import type { Graph } from '../../topology/graph.js';
import type { Delay } from '../delay/law.js';
import type { Estimate } from '../estimate.js';
import type { Mix } from '../flow.js';

/** How models meet. */
export type Scheme =
  /** At the ticks of Poisson clocks beside the work: `rate` exchanges that a node starts per unit of time. */
  | { readonly kind: 'clocks'; readonly mix: Mix; readonly rate: number; readonly weight: number }
  /** The last to update sends, at the rate of all. */
  | { readonly kind: 'opportunistic'; readonly rate: number; readonly relay: boolean }
  /** At the end of each piece of work; its own progress is added before (`commit`) or after (`mix`). */
  | { readonly kind: 'work'; readonly mix: 'pairwise' | 'pull'; readonly order: 'mix' | 'commit'; readonly weight: number }
  /** All wait for all. `heard`: chances that the server hears each node; all when left out. `server`: it is a model of its own. */
  | { readonly kind: 'rounds'; readonly round: Estimate; readonly heard?: readonly number[]; readonly server: boolean }
  /** All wait for all, and average with their neighbours; their own progress is averaged too (`commit`) or added after (`mix`). */
  | {
      readonly kind: 'neighbourhoods';
      readonly round: Estimate;
      readonly order: 'mix' | 'commit';
      /** Of an edge: by the larger degree of its ends, or 1 / (1 + the largest degree). */
      readonly weights: 'metropolis' | 'uniform';
    }
  /** One model, which all read and add to. */
  | { readonly kind: 'shared' }
  | { readonly kind: 'alone' };

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
}

/** Models meet along links, which may delay or lose them; a meeting of all, and one model of all, meet none. */
export function usesLinks({ scheme: { kind } }: Network): boolean {
  return kind === 'clocks' || kind === 'opportunistic' || kind === 'work';
}

/** Lambda: pieces per unit of time of a node, averaged over the nodes. */
export function meanRate({ rates }: Network): number {
  return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

export function isEven({ rates }: Network): boolean {
  return rates.every(rate => rate === rates[0]);
}
