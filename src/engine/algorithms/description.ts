/** What is known of an algorithm beside its rule, as data: help, documents and tests read it. */

import type { Settings } from '../../settings.js';

export interface Description<Table extends Settings = Settings> {
  /** One line: what a node does. */
  readonly about: string;
  readonly source: Source;
  readonly keeps: Keeps;
  readonly settings: Table;
}

/** Where a method comes from. Without `authors` it is our own, or nobody's: then `provenance` says so. */
export interface Source {
  /** What the paper calls it. */
  readonly method?: string;
  readonly authors?: string;
  readonly venue?: string;
  readonly year?: number;
  /** '1910.12308' */
  readonly arxiv?: string;
  /** How its rule is known: from the paper, public code, memory, or worked out here (docs/algorithms.md says what the words mean). */
  readonly provenance: string;
}

/** What an exchange leaves as it is, when nobody learns, up to rounding. */
export interface Keeps {
  /** None: nothing. */
  readonly what: readonly Kept[];
  /** Where a setting changes it, or which sum is meant. */
  readonly note?: string;
}

/**
 * 'mean': the mean of the models of all nodes; with learning it moves by exactly what they learn. 'hull': no number of a model
 * leaves the range that it had over all rows. 'sums': another sum than that of the nodes' models, which the note names.
 */
export type Kept = 'mean' | 'mean in expectation' | 'hull' | 'sums';

/** 'SwarmSGD (A, B, C), NeurIPS 2021, arXiv 1910.12308', or 'our own'. */
export function sourceText({ method, authors, venue, year, arxiv }: Source): string {
  if (authors === undefined) return method ?? 'our own';
  const when = [venue, year].filter(part => part !== undefined).join(' ');
  const who = method === undefined ? authors : `${method} (${authors})`;
  return [who, when, arxiv && `arXiv ${arxiv}`].filter(Boolean).join(', ');
}

/** 'mean, hull; push alone in expectation', or 'nothing'. */
export function keepsText({ what, note }: Keeps): string {
  return [what.join(', ') || 'nothing', note].filter(Boolean).join('; ');
}
