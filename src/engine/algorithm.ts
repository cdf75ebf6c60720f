/**
 * The contract of an algorithm: what a node does when a piece of work begins and when it ends. It combines verbs over rows; it knows
 * no thread, no clock and no machine, and it sees no weights. The same text runs live and in virtual time.
 */

import type { PlaneShape } from './layout.js';

/** A node, or an extra row (numbered after the nodes). */
export type Row = number;

/** What a sum takes: a row's params (its number), or the delta of its pending piece (`rows.delta(node)`). */
export type Operand = number;

/** A partner draw, not yet a number: a busy partner is drawn again. */
export type Peer = number & { readonly brand?: 'peer' };

/** A message in flight: what `stow` made. */
export type Slot = number & { readonly brand?: 'slot' };

/** Reads one side of a plane, writes the other: `to` is complete when it returns, and depends on nothing but `from`. */
export type ElementKernel = (to: Float32Array, from: Float32Array, plane: string) => void;

/** What comes first when a pair averages: the average of the two rows, or the nodes' own progress. */
export type Order = 'mix' | 'commit';

export interface Rows {
  readonly nodes: number;
  /** The nodes, ascending. One that is left out for killing its threads stays among them: its row is still a model. */
  readonly live: readonly Row[];
  /** A snapshot of the node's row (or of row `from`), `steps` local optimizer steps on it, the difference kept as the node's delta. */
  descend(node: Row, options: { steps: number; from?: Row }): void;
  /** row += delta, on the node's own row or on row `into`. With `meet`, the node has then arrived at the barrier. */
  commit(node: Row, options?: { meet?: boolean; into?: Row }): void;
  /**
   * a = (1-w) a + w b + delta, b = w a + (1-w) b, from the values before; w = 1/2 by default. Returns the partner, or -1 when all
   * draws were busy or the node has no neighbour, and it committed alone. With order 'commit', a + delta takes the place of a.
   */
  mixAndCommit(node: Row, peer: Peer, weight?: number, order?: Order): Row;
  /**
   * Both deltas are committed, then both rows mix; with order 'mix' the rows mix, then each gets its own delta. False when no drawn
   * partner had a finished piece: the node's own stays pending.
   */
  mixAndCommitBoth(node: Row, peer: Peer, weight?: number, order?: Order): boolean;
  /** The same mix without any delta. */
  mix(node: Row, peer: Peer, weight?: number): Row;
  /** One-sided: a = (1-w) a + w b; the partner's row stays. Returns the partner, or -1 when all draws were busy. */
  pull(node: Row, peer: Peer, weight?: number): Row;
  delta(node: Row): Operand;
  /**
   * Weighted sums of operands into the params of `targets`, all from the values before. `weights` holds a row of operands.length
   * numbers for each target, or one row for all of them. A delta that is used is committed.
   */
  combine(targets: readonly Row[], operands: readonly Operand[], weights: readonly number[]): void;
  /** One of the algorithm's own `kernels`, by name, on planes of one row (params when none is named). */
  apply(row: Row, kernel: string, planes?: readonly string[]): void;
  /**
   * A copy of the row as it is now, in a slot: a message. It carries the versions of all nodes that the row contains, or only the
   * sender's own, so that what is passed on is not counted. Throws SLOTS_EXHAUSTED.
   */
  stow(row: Row, versions?: 'all' | 'own'): Slot;
  /** row = own x row + theirs x the message. Every receiver takes or drops a message once; the last gives the slot back. */
  absorb(row: Row, slot: Slot, own: number, theirs: number): void;
  drop(slot: Slot): void;
  /** A newcomer: the node's row becomes a copy of another, its optimizer's state zero. */
  adopt(node: Row, from: Row): void;
  /** Experiment: local steps in place on a row that others write too, no guard. Not repeatable. */
  hogwild(node: Row, row: Row, steps: number): void;
}

/**
 * What may happen when all live nodes wait at the barrier: one combine, shared among the threads. It is asked for by several of them, so
 * it must be the same each time.
 */
export interface Meeting extends Pick<Rows, 'live' | 'nodes' | 'combine'> {
  /** Meetings held before this one. */
  readonly number: number;
  /** Uniform in [0, 1): draw number `draw` of the node and purpose, whenever it is asked for. */
  random(node: Row, purpose: string, draw: number): number;
}

/** What the driver gives beside the rows. */
export interface World {
  /** Seconds of training, or virtual: an evaluation takes none. */
  time(): number;
  /** Uniform in [0, 1): one draw for each piece of work of the node and each purpose. */
  random(node: Row, purpose: string): number;
  /** Exponential with mean 1: a new draw at every call. */
  exponential(node: Row, purpose: string): number;
  /** A pilot signal with a whole number, 0 by default, heard by all at once: who gave the last one, -1 at first, and its number. */
  signal(node: Row, number?: number): void;
  signalled(): Row;
  signalNumber(): number;
  /** A partner draw among the neighbours of the node. */
  peer(node: Row): Peer;
  /** Neighbours of the node, ascending. */
  neighbours(node: Row): Row[];
  /** Sends a message to a drawn partner: the algorithm's `arrive` is called when it gets there, if it does. */
  send(node: Row, slot: Slot, to: Peer): void;
  /** How many updates of node `source` the model of `node` contains. In virtual time only; throws CONFIG_RANGE when `source` is not tracked. */
  version(node: Row, source: Row): number;
  /**
   * One tick of a clock of the node, `delay` seconds from now, in place of the one that was asked for before, if any; Infinity: none.
   * In a live run delays are counted in the node's pieces of work, and only those of the node in hand are heard.
   */
  after(node: Row, delay: number, clock: number): void;
}

/** A clock of each node, beside its work. */
export interface NodeClock {
  readonly name: string;
  /** Ticks a second of virtual time (live: ticks a finished piece of work), at random times; 0: it ticks only `after` it was asked to. */
  readonly rate: number;
}

export interface Algorithm {
  readonly name: string;
  /** Planes beside `params` and those of the optimizer. */
  readonly planes?: readonly PlaneShape[];
  readonly extraRows?: number;
  /** The row that is the model of all (a server, a shared model): the mean model is that row. */
  readonly sharedRow?: Row;
  /** True when a delta must outlive its begin, because another thread may commit it. */
  readonly keepsDelta?: boolean;
  /** Clocks of a node beside its work; `tick` gets their place in this list. */
  readonly clocks?: readonly NodeClock[];
  /** How long its pieces of work take in virtual time, unless a clock is asked for: as after --clock. */
  readonly clock?: string;
  /** True when `finish` (or, with clocks, `tick`) averages with a drawn partner at once: the delay of a link then postpones it. */
  readonly pairwise?: boolean;
  /** True when it holds no more than two rows at once: no combine, no apply. A simulation on one thread then moves rows in place. */
  readonly pairs?: boolean;
  /** True when it sends messages. */
  readonly sends?: boolean;
  /** Nodes that have work of their own: those below it; all when left out. The others make no versions that could be stale. */
  readonly sources?: number;
  /** Element-wise kernels of its own, for `rows.apply`. */
  readonly kernels?: Readonly<Record<string, ElementKernel>>;
  /** 'virtual' when it can't run on the clock of the wall. */
  readonly only?: 'virtual';
  /** Why a run of it can't be recorded and replayed, when it can't. */
  readonly notReplayable?: string;
  /** The first half of a piece of work: a snapshot and local steps (`descend`), or nothing. */
  begin(node: Row, rows: Rows, world: World): void;
  /** The second half: commits and communicates. False: the piece stays pending, ask again later (then `keepsDelta` must be true). */
  finish(node: Row, rows: Rows, world: World): boolean | undefined;
  /** A message reaches the node: `rows.absorb` or `rows.drop` it. */
  arrive?(node: Row, slot: Slot, rows: Rows, world: World): void;
  /** A clock of the node has ticked. */
  tick?(node: Row, clock: number, rows: Rows, world: World): void;
  /** Run once when all live nodes have arrived (`commit(node, { meet: true })`). */
  meet?(rows: Meeting): void;
}

/** What an algorithm may know when it is built. */
export interface Setting {
  readonly nodes: number;
  /** Rows of nodes, those for newcomers included: the extra rows are numbered from here. */
  readonly capacity: number;
  readonly parameters: number;
}

/** What a module of a user's own algorithm exports as default, and what the table of built-in ones holds. */
export type AlgorithmFactory = (options: Readonly<Record<string, string>>, setting: Setting) => Algorithm;
