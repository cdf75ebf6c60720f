/**
 * Programs that stop before every shared access. What a program does next depends on nothing but the results of its accesses so
 * far, so its local state *is* that list of results. To take a program one access further it is run again from its start, fed with
 * the recorded results, and stopped by an exception at the first access that has none. Each local state is computed once and kept
 * in a tree, where an edge is a result: a search over millions of interleavings runs the real code a few thousand times.
 */

import type { Words } from '../../engine/words.js';

/** The words, as a step or a check sees them: all at once. */
export interface Cells {
  /** The word at `index`. */
  get(index: number): number;
  /** Writes it. */
  set(index: number, value: number): void;
  /** Words beside the memory, for what only the test knows. They belong to the state. */
  ghost(index: number): number;
  /** Writes such a word. */
  setGhost(index: number, value: number): void;
}

/** What is known of a step of one's own. */
export interface StepOptions {
  /** Touches only what no other worker ever touches: no other worker is scheduled before it, but a crash may be. */
  readonly private?: boolean;
}

/** What a program gets: the shared words, and three kinds of step of its own. */
export interface Shared extends Words {
  /** One step: `action` may read and write any words, and nothing else; a number that it returns is all that the program learns. */
  step(name: string, action: (cells: Cells) => unknown, options?: StepOptions): number;
  /** 0..count-1: every one of them is explored. */
  choose(name: string, count: number): number;
  /** Goes on when the condition holds. */
  until(name: string, condition: (cells: Cells) => boolean): void;
}

/**
 * A piece of a worker's program. Between two pieces a worker keeps nothing but the shared words. One that returns `again` is followed
 * by itself.
 */
export type Piece = (shared: Shared) => unknown;

/** What a piece of a program returns to be followed by itself. */
export const again = Symbol('again');

/** What an access does: one of the words, or a step of the program's own. */
export type Kind =
  | 'load'
  | 'store'
  | 'compareExchange'
  | 'exchange'
  | 'wait'
  | 'notify'
  | 'get'
  | 'set'
  | 'step'
  | 'choose'
  | 'until';

/** The next access of a program. `a` and `b` are its arguments in order. */
export interface Access {
  readonly kind: Kind;
  readonly index: number;
  readonly a: number;
  readonly b: number;
  readonly name: string;
  readonly private: boolean;
  /** Of a `step`: what it does. */
  readonly action?: (cells: Cells) => unknown;
  /** Of an `until`: what it waits for. */
  readonly condition?: (cells: Cells) => boolean;
}

/** Where a program stands: before `access`, or at its end, or at an error of its own. */
export interface LocalState {
  readonly id: number;
  readonly piece: Piece;
  /** How it came about: the state before, and the result of its access. */
  readonly before: LocalState | undefined;
  readonly result: number;
  readonly depth: number;
  readonly access?: Access;
  readonly error?: unknown;
  /** At its end, it is to begin again. */
  readonly again: boolean;
  /** How often in a row `access` has just been made, with the same result each time: a program that spins. */
  readonly spins: number;
  /** Successors by result; most accesses have one result only. */
  only: number;
  onlyNext: LocalState | undefined;
  others: Map<number, LocalState> | undefined;
}

export const waitResults = ['ok', 'not-equal', 'timed-out'] as const;

/** All local states of all programs. */
export interface Programs {
  readonly states: readonly LocalState[];
  start(piece: Piece): LocalState;
  after(state: LocalState, result: number): LocalState;
}

export function openPrograms(): Programs {
  const states: LocalState[] = [];
  const starts = new Map<Piece, LocalState>();

  function add(piece: Piece, before: LocalState | undefined, result: number): LocalState {
    const depth = before ? before.depth + 1 : 0;
    const found = run(piece, resultsOf(before, result, depth));
    const spins = before && isSame(before.access, found.access) ? (before.result === result ? before.spins : 0) + 1 : 0;
    // One literal, so that all states have one shape: searches live on reading them.
    const state: LocalState = {
      id: states.length,
      piece,
      before,
      result,
      depth,
      access: found.access,
      error: found.error,
      again: found.again ?? false,
      spins,
      only: 0,
      onlyNext: undefined,
      others: undefined,
    };
    states.push(state);
    return state;
  }

  return {
    states,
    start(piece) {
      let state = starts.get(piece);
      if (!state) starts.set(piece, (state = add(piece, undefined, 0)));
      return state;
    },
    after(state, result) {
      if (state.onlyNext && state.only === result) return state.onlyNext;
      const known = state.others?.get(result);
      if (known) return known;
      const next = add(state.piece, state, result);
      if (!state.onlyNext) {
        state.only = result;
        state.onlyNext = next;
      } else {
        state.others ??= new Map();
        state.others.set(result, next);
      }
      return next;
    },
  };
}

function resultsOf(before: LocalState | undefined, result: number, depth: number): number[] {
  const results = new Array<number>(depth);
  for (let state = before, last = result; state; last = state.result, state = state.before) results[state.depth] = last;
  return results;
}

function isSame(a: Access | undefined, b: Access | undefined): boolean {
  return !!a && !!b && a.kind === b.kind && a.index === b.index && a.a === b.a && a.b === b.b && a.name === b.name;
}

/** Thrown to stop a program before the access that has no result yet. */
const stopped = { toString: () => 'stopped by the explorer: programs must not catch what they did not throw' };

const none: Partial<Access> = {};

type Run = (piece: Piece, results: readonly number[]) => { access?: Access; error?: unknown; again?: boolean };

/** All programs get the same words, always: what one builds on them may be kept for its next run, as long as it holds no state. */
function openRuns(): Run {
  let results: readonly number[] = [];
  let position = 0;
  let access: Access | undefined;
  const next = (kind: Kind, index: number, a = 0, b = 0, rest: Partial<Access> = none): number => {
    if (position < results.length) return results[position++];
    const { name = '', private: own = false, action, condition } = rest;
    access = { kind, index, a, b, name, private: own, action, condition };
    throw stopped;
  };
  const shared: Shared = {
    load: index => next('load', index),
    store: (index, value) => void next('store', index, value | 0),
    compareExchange: (index, expected, value) => next('compareExchange', index, expected | 0, value | 0),
    exchange: (index, value) => next('exchange', index, value | 0),
    wait: (index, value, milliseconds) => waitResults[next('wait', index, value | 0, milliseconds)],
    notify: (index, count) => next('notify', index, count),
    get: index => next('get', index),
    set: (index, value) => void next('set', index, value | 0),
    step: (name, action, options) => next('step', -1, 0, 0, { name, action, private: options?.private ?? false }),
    choose: (name, count) => next('choose', -1, count, 0, { name }),
    until: (name, condition) => void next('until', -1, 0, 0, { name, condition }),
  };
  return (piece, recorded) => {
    results = recorded;
    position = 0;
    access = undefined;
    try {
      const isAgain = piece(shared) === again;
      if (access) return { error: new Error(String(stopped)) };
      if (isAgain && results.length === 0)
        return { error: new Error('a piece without an access would be followed by itself for ever') };
      return { again: isAgain };
    } catch (error) {
      return error === stopped ? { access } : { error };
    }
  };
}

const run = openRuns();
