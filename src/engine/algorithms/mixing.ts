/**
 * Mixing matrices on the neighbourhoods of a meeting: row t of each holds what node t, in the order of `live`, takes of every node. Nodes
 * come and go in a simulation, so they are made anew for each meeting.
 */

import type { Meeting, Row } from '../algorithm.js';

/** Who is there, and whom each knows. */
export type Around = Pick<Meeting, 'live' | 'neighbours'>;

export type Matrix = readonly (readonly number[])[];

/** The weight of an edge from the degrees of its ends and the largest degree of all. */
export const edgeWeights = {
  /** 1 / (1 + the larger degree of the two ends): Metropolis-Hastings (Xiao, Boyd and Kim 2007, eq. 8). */
  metropolis: (one: number, other: number) => 1 / (1 + Math.max(one, other)),
  /** The same for all edges: 1 / (1 + the largest degree). */
  uniform: (_one: number, _other: number, largest: number) => 1 / (1 + largest),
} as const;

/** Symmetric, so doubly stochastic: an average with it keeps the mean. What the edges of a node leave over is its weight on itself. */
export function symmetric({ live, neighbours }: Around, rule: keyof typeof edgeWeights): Matrix {
  const places = placesOf(live);
  const around = live.map(neighbours);
  const largest = around.reduce((most, { length }) => Math.max(most, length), 0);
  return around.map((others, t) => {
    const row = new Array<number>(live.length).fill(0);
    let rest = 1;
    for (const other of others) {
      const place = places.get(other)!;
      rest -= row[place] = edgeWeights[rule](others.length, around[place].length, largest);
    }
    row[t] = Math.max(rest, 0); // a rounding error below zero would be a negative weight
    return row;
  });
}

/**
 * Column by column: what each node has, it and its receivers get in equal parts. Columns sum to 1, so sums are kept, whatever the graph.
 */
export function pushing(live: readonly Row[], receivers: (node: Row) => readonly Row[]): Matrix {
  const places = placesOf(live);
  const matrix = live.map(() => new Array<number>(live.length).fill(0));
  live.forEach((node, from) => {
    const to = [node, ...receivers(node)];
    for (const receiver of to) matrix[places.get(receiver)!][from] = 1 / to.length;
  });
  return matrix;
}

/** The matrix of nodes that do not mix. */
export function identity(nodes: number): Matrix {
  return Array.from({ length: nodes }, (_, t) => Array.from({ length: nodes }, (_, k) => (k === t ? 1 : 0)));
}

export function placesOf(live: readonly Row[]): ReadonlyMap<Row, number> {
  return new Map(live.map((node, place) => [node, place]));
}

/** Row after row: the weights of a sum of all models and then all deltas, as `combine` takes them. */
export function sumOfBoth(models: Matrix, deltas: Matrix): number[] {
  return models.flatMap((row, t) => [...row, ...deltas[t]]);
}
