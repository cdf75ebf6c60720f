/**
 * The contract of an algorithm: what a node does when a piece of work begins and when it ends. It combines verbs over rows; it knows
 * no thread, no clock and no machine, and it sees no weights. The same text runs live and in virtual time.
 */

import type { Address, Kernels } from '../models/kernels/kernels.js';
import type { Layer } from '../models/model.js';
import type { Graph } from '../topology/graph.js';
import type { Quantization } from './compress/transfer.js';
import type { PlaneShape } from './layout.js';
import type { MassRule } from './mass.js';

/** A node, or an extra row (numbered after the nodes). */
export type Row = number;

/**
 * What a sum takes: a row's params (its number), the delta of its pending piece (`rows.delta(node)`), or another plane of it
 * (`rows.plane(row, name)`).
 */
export type Operand = number;

/** A partner draw, not yet a number: a busy partner is drawn again. */
export type Peer = number & { readonly brand?: 'peer' };

/** A message in flight: what `stow` made. */
export type Slot = number & { readonly brand?: 'slot' };

/**
 * Writes planes of one row: `to` is complete when it returns, and depends on nothing but what else it is given. It keeps no state, so that
 * it may be done again, by another thread too.
 */
export type RowKernel = (work: RowWork) => void;

/** What a kernel of an algorithm gets: planes to write, planes to read, and what else its result may depend on. */
export interface RowWork {
  /** The planes that `apply` names: to be written whole. */
  readonly to: Readonly<Record<string, Float32Array>>;
  /** The row before: its two-sided planes, and what is private to the thread that serves the node. */
  readonly from: Readonly<Record<string, Float32Array>>;
  /** The same of the second row, of a message that which it carries. Empty without one. */
  readonly other: Readonly<Record<string, Float32Array>>;
  readonly value: number;
  /** 32 random bits, others for each op. */
  readonly seed: number;
  /** Fast passes over planes: the address of a plane is its byteOffset. Plain loops over the planes will do too. */
  readonly kernels: Kernels;
  /** Address of 2048 floats (`topkRoom`) for what is needed meanwhile, as `kernels.topk` does. */
  readonly room: Address;
}

/** What comes first when a pair averages: the average of the two rows, or the nodes' own progress. */
export type Order = 'mix' | 'commit';

/** What a message takes along. */
export interface Stowing {
  /**
   * It carries the versions of all nodes that the row contains (default), or only the sender's own, so that what is passed on is not
   * counted.
   */
  readonly versions?: 'all' | 'own';
  /** What goes in place of params; it is then zero in the row. */
  readonly plane?: string;
}

/**
 * The verbs: what can be done with rows. Each happens whole or not at all, whatever thread dies meanwhile. Misuse throws STATE:
 * a piece that was not begun or is begun twice, a plane that is not there.
 */
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
  /**
   * What the pending piece of the node has learnt, as an operand of `combine`: the difference that its local steps made. Using
   * it commits it.
   */
  delta(node: Row): Operand;
  /** A whole plane of a row by its name, as an operand or (a two-sided one) a target of a sum. */
  plane(row: Row, name: string): Operand;
  /**
   * Weighted sums of operands into `targets` (rows: their params; or planes of theirs), all from the values before. `weights` holds a row
   * of operands.length numbers for each target, or one row for all of them. A delta that is used is committed.
   */
  combine(targets: readonly Operand[], operands: readonly Operand[], weights: readonly number[]): void;
  /**
   * One of the algorithm's own `kernels`, by name, on two-sided planes of one row (params when none is named). It may look at a second row,
   * or a message, that stays as it is.
   */
  apply(row: Row, kernel: string, planes?: readonly string[], given?: { value?: number; other?: Row | Slot }): void;
  /** The node arrives at the barrier with its piece pending: the meeting sums its delta (`keepsDelta`). */
  meet(node: Row): void;
  /** A copy of the row as it is now, in a slot: a message, with the planes that are `carried`. Throws SLOTS_EXHAUSTED. */
  stow(row: Row, options?: Stowing): Slot;
  /**
   * row = own x row + theirs x the message, or the same of a plane of the row. Every receiver takes or drops a message once; the last gives
   * the slot back.
   */
  absorb(row: Row, slot: Slot, own: number, theirs: number, plane?: string): void;
  /** The same, each with its mass as its weight (see mass.ts): m x = m x + m' x'. */
  merge(row: Row, slot: Slot): void;
  /** A message that does not matter any more: one of its receivers is done with it. */
  drop(slot: Slot): void;
  /** A message that the node does not take, as it came too late, or was one too many: dropped, and counted. */
  ignore(slot: Slot): void;
  /**
   * A newcomer: the node's row becomes a copy of another, in all planes of the algorithm but those that are `fresh`; its optimizer's state
   * is zero.
   */
  adopt(node: Row, from: Row): void;
  /** Experiment: local steps in place on a row that others write too, no guard. Not repeatable. */
  hogwild(node: Row, row: Row, steps: number): void;
}

/**
 * What may happen when all live nodes wait at the barrier: one combine, shared among the threads. It is asked for by several of them, so
 * it must be the same each time.
 */
export interface Meeting extends Pick<Rows, 'live' | 'nodes' | 'combine' | 'delta' | 'plane'> {
  /** Meetings held before this one. */
  readonly number: number;
  /** Neighbours of the node, ascending. */
  neighbours(node: Row): Row[];
  /** Uniform in [0, 1): draw number `draw` of the node and purpose, whenever it is asked for. */
  random(node: Row, purpose: string, draw: number): number;
}

/** What the driver gives beside the rows. */
export interface World {
  /** Seconds of training, or virtual: an evaluation takes none. */
  time(): number;
  /** Uniform in [0, 1): one draw for each piece of work of the node and each purpose; or draw number `draw`, whenever it is asked for. */
  random(node: Row, purpose: string, draw?: number): number;
  /** Exponential with mean 1: a new draw at every call. */
  exponential(node: Row, purpose: string): number;
  /** A pilot signal with a whole number, 0 by default, heard by all at once: who gave the last one, -1 at first, and its number. */
  signal(node: Row, number?: number): void;
  /** Who gave the last pilot signal; -1 before the first. */
  signalled(): Row;
  /** The number that came with it; 0 before the first. */
  signalNumber(): number;
  /** Pieces of work that the node has committed, and meetings that all have held. */
  pieces(node: Row): number;
  /** Meetings that all have held. */
  meetings(): number;
  /** A partner draw among the neighbours of the node. */
  peer(node: Row): Peer;
  /** Neighbours of the node, ascending. */
  neighbours(node: Row): Row[];
  /** How many they are. */
  degree(node: Row): number;
  /**
   * Sends a message to a drawn partner: the algorithm's `arrive` is called when it gets there, if it does. With `wait`, so many seconds
   * after that (live: pieces of work of the receiver, or when places for messages run out).
   */
  send(node: Row, slot: Slot, to: Peer, wait?: number): void;
  /** Sends a message to all neighbours at once, as radio does: it takes the line of the node once, and then a way of its own to each. */
  broadcast(node: Row, slot: Slot): void;
  /** Seconds since the message was sent; 0 in a live run, where it is delivered at once. */
  age(slot: Slot): number;
  /**
   * Adds to one of four counters of the node (numbers 0 to 3; each is 0 at first, and stays from 0 to 65535), and returns what it is then.
   * Whoever serves any node may do it: they are for what a node can't know without weights, as how many messages have reached it.
   */
  count(node: Row, counter: number, by: number): number;
  /**
   * How many updates of node `source` the model of `node` contains. In virtual time only; throws CONFIG_RANGE when `source` is not
   * tracked.
   */
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
  /** It ticks at even times, those of all nodes together: tick number k at k / rate (live: when the node has finished so many pieces). */
  readonly regular?: boolean;
}

/**
 * Names of planes of the algorithm. Those that local steps take are copied with the snapshot: d = (g + add) / divide takes the place of
 * a gradient g, and the rate of the optimizer is multiplied by pace. Those that they leave are one-sided.
 */
export interface DescentPlanes {
  readonly add?: string;
  /** Infinity in its first number: the piece only measures, and no step of the optimizer is made. */
  readonly divide?: string;
  /** A plane of width 1. */
  readonly pace?: string;
  /** The gradient of the first batch, at the snapshot, before any of that. */
  readonly gradient?: string;
  /**
   * The first moment m of gradients: a step moves it, m = beta m + (1 - beta) (g + add), and goes along it. It is averaged wherever params
   * are, and a commit adds to it what the piece has added (along.ts).
   */
  readonly moment?: string;
  readonly beta?: number;
  /** v (H v), element by element, of the first batch at the snapshot: v random signs, H v by central differences of gradients. */
  readonly curvature?: string;
}

/**
 * An algorithm, as `swarm` or a module of your own: what a node does with its model and those of its neighbours, and what it
 * needs for that. It says which rows; verbs (`Rows`) do the work, so that the same text runs on threads, in virtual time and in
 * tests.
 */
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
  /** True when messages wait at their receivers (`send` with `wait`): a live run then has places for one of each node more. */
  readonly waits?: boolean;
  /** How params travel when a pair averages, both ways; as they are when left out. */
  readonly quantize?: Quantization;
  /** Nodes that have work of their own: those below it; all when left out. The others make no versions that could be stale. */
  readonly sources?: number;
  /** Bits of a model on its way, when it is compressed; 32 a parameter otherwise. */
  readonly bits?: number;
  /** True when its verbs average whole models, so that averages may be corrected (--average). */
  readonly averages?: boolean;
  /**
   * Between whom it averages models, each node with weights that are positive and sum to 1: the two of a pair, the neighbours behind a barrier,
   * or all there. Averages may then be robust (--average clipped; median and trimmed where they are more than two).
   */
  readonly among?: 'pair' | 'neighbours' | 'all';
  /** Kernels of its own, for `rows.apply`. */
  readonly kernels?: Readonly<Record<string, RowKernel>>;
  /** How rows weigh in averages beside the weights that are asked for: see mass.ts. */
  readonly mass?: MassRule;
  /** Planes that go along with params when a pair of rows averages, or in a sum: the same weights, no delta. */
  readonly mixes?: readonly string[];
  /** Two-sided planes that are zero in a newcomer, as at the start; the others it takes over with the model. */
  readonly fresh?: readonly string[];
  /** What local steps take from the algorithm's planes, and leave in them. */
  readonly descent?: DescentPlanes;
  /** 'virtual' when it can't run on the clock of the wall. */
  readonly only?: 'virtual';
  /** Throws GRAPH_INVALID for a graph that it can't work on. Without it, every graph will do whose edges go both ways. */
  requireGraph?(graph: Graph): void;
  /** Why a run of it can't be recorded and replayed, when it can't. */
  readonly notReplayable?: string;
  /** The first half of a piece of work: a snapshot and local steps (`descend`), or nothing. */
  begin(node: Row, rows: Rows, world: World): void;
  /** The second half: commits and communicates. False: the piece stays pending, ask again later (then `keepsDelta` must be true). */
  finish(node: Row, rows: Rows, world: World): boolean | undefined;
  /** A message reaches the node: `rows.absorb` or `rows.drop` it. */
  arrive?(node: Row, slot: Slot, rows: Rows, world: World): void;
  /** A clock of the node has ticked; a regular one for the `number`-th time. */
  tick?(node: Row, clock: number, rows: Rows, world: World, number: number): void;
  /** Run once when all live nodes have arrived (`commit(node, { meet: true })`). */
  meet?(rows: Meeting): void;
}

/** What an algorithm may know when it is built. */
export interface Setting {
  readonly nodes: number;
  /** Rows of nodes, those for newcomers included: the extra rows are numbered from here. */
  readonly capacity: number;
  readonly parameters: number;
  /** The optimizer's rate at the first step. */
  readonly rate: number;
  /** Local steps of a piece of work where none are asked for; the algorithm's own when it is left out. See wake.ts. */
  readonly steps?: number;
  /** The name of the optimizer; sgd when it is left out. Only steps of sgd are sums of rate x gradient. */
  readonly optimizer?: string;
  /** True when the optimizer has momentum; false when it is left out. */
  readonly momentum?: boolean;
  /** Those of the model, when it is known. */
  readonly layers?: readonly Layer[];
}

/** What a module of a user's own algorithm exports as default, and what the table of built-in ones holds. */
export type AlgorithmFactory = (options: Readonly<Record<string, string>>, setting: Setting) => Algorithm;
