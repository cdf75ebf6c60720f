/** Short histories for the player: what each is there for, and how large a ring makes its entries be used again. */

import { source, word } from '../../src/random.js';
import type { Scene } from '../../src/testing/explore.js';
import { lineOf, type Sketch } from './line.js';
import { type PlayOptions, playStage } from './players.js';
import type { Engine } from './stage.js';

export interface Short {
  readonly rows: number;
  readonly nodes: number;
  readonly ring: number;
  readonly ops: readonly Sketch[];
}

const descend = (a: number, b = a): Sketch => ({ verb: 'descend', a, b });
const commit = (a: number, b = a): Sketch => ({ verb: 'commit', a, b });
const meet = (a: number, b: number): Sketch => ({ verb: 'mixAndCommit', a, b });
const mix = (a: number, b: number): Sketch => ({ verb: 'mix', a, b });

export const shorts = {
  /** Two nodes learn, and meet. */
  pair: { rows: 2, nodes: 2, ring: 2, ops: [descend(0), descend(1), meet(0, 1)] },
  /** A row is mixed between the snapshot of a descent and its commit; then the same node again. */
  stale: { rows: 2, nodes: 2, ring: 3, ops: [descend(0), mix(1, 0), commit(0), descend(0)] },
  /** Both commit at once; the next descent waits for its hand only through them. */
  both: { rows: 2, nodes: 2, ring: 2, ops: [descend(0), descend(1), { verb: 'mixAndCommitBoth', a: 0, b: 1 }, descend(1)] },
  /** Two nodes learn from, and commit onto, a row of which neither is: hands alone keep a node's two descents apart. */
  shared: { rows: 3, nodes: 3, ring: 2, ops: [descend(0, 2), commit(0, 2), descend(0, 2), mix(1, 2)] },
  /** Two descents from another row, with a commit onto its own between: hands alone order them. */
  elsewhere: { rows: 2, nodes: 2, ring: 3, ops: [descend(0, 1), commit(0), descend(0, 1)] },
  /** A slot is used twice. */
  slot: {
    rows: 4,
    nodes: 3,
    ring: 2,
    ops: [
      { verb: 'stow', a: 3, b: 0 },
      { verb: 'absorb', a: 1, b: 3 },
      { verb: 'stow', a: 3, b: 2 },
      { verb: 'absorb', a: 1, b: 3 },
    ],
  },
  /** A row is only read, before it is written by one who has nothing else in common with the reader. */
  reader: { rows: 3, nodes: 3, ring: 3, ops: [mix(0, 1), { verb: 'pull', a: 0, b: 1 }, mix(1, 2)] },
  /** The same with a sum, whose record takes two entries; it commits a difference. */
  sum: {
    rows: 3,
    nodes: 3,
    ring: 3,
    ops: [descend(0), { verb: 'combine', targets: [0], operands: [1, 3, 0], weights: [1, 2, 1] }, mix(1, 2), descend(0)],
  },
  /** Nothing but ops on two rows: every entry is used four times. */
  again: { rows: 2, nodes: 2, ring: 1, ops: [mix(0, 1), mix(1, 0), mix(0, 1), mix(1, 0)] },
} as const satisfies Record<string, Short>;

/** Two wakes that cross: each has the other as its partner, and both begin before either has finished. */
export const crossing: Short = { rows: 2, nodes: 2, ring: 3, ops: [descend(0), descend(1), meet(0, 1), meet(1, 0)] };

export type ShortName = keyof typeof shorts;

export function playing(
  engine: Engine,
  short: ShortName | Short,
  rest: Partial<PlayOptions> & { free?: Sketch['verb'][] } = {},
): Scene {
  const { rows, nodes, ring, ops } = typeof short === 'string' ? shorts[short] : short;
  return playStage({ engine, line: lineOf(rows, ops, rest.free), nodes, ring, players: 2, ...rest });
}

/** A history of `length` ops drawn from a seed, any that an algorithm could make: a commit follows a descent, an absorb a stow. */
export function anyShort(seed: number, length: number, nodes = 2): Short {
  const draws = source(seed, 'short');
  let draw = 0;
  const below = (bound: number) => word(draws, 0, draw++) % bound;
  const slot = nodes;
  const pending = new Array<boolean>(nodes).fill(false);
  let isStowed = false;
  const ops: Sketch[] = [];
  while (ops.length < length) {
    const a = below(nodes);
    const b = (a + 1 + below(nodes - 1)) % nodes;
    const kind = below(10);
    if (kind < 3) {
      ops.push(descend(a, kind === 2 ? b : a));
      pending[a] = true;
    } else if (kind === 3 && pending[a]) {
      ops.push(below(2) === 0 ? commit(a) : commit(a, b));
      pending[a] = false;
    } else if (kind === 4 && pending[a]) {
      ops.push(meet(a, b));
      pending[a] = false;
    } else if (kind === 5 && pending[a] && pending[b]) {
      ops.push({ verb: 'mixAndCommitBoth', a, b });
      pending[a] = pending[b] = false;
    } else if (kind === 6) ops.push(below(2) === 0 ? mix(a, b) : { verb: 'pull', a, b });
    else if (kind === 7 && !isStowed) {
      ops.push({ verb: 'stow', a: slot, b: a });
      isStowed = true;
    } else if (kind === 8 && isStowed) {
      ops.push({ verb: 'absorb', a, b: slot });
      isStowed = false;
    } else if (kind === 9) {
      if (pending[a]) ops.push({ verb: 'combine', targets: [a], operands: [a, b, nodes + 1 + a], weights: [1, 2, 3] });
      else ops.push({ verb: 'combine', targets: [a], operands: [b], weights: [2] });
      pending[a] = false;
    }
  }
  return { rows: nodes + 1, nodes, ring: 3, ops };
}
