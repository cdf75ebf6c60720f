/** The graphs of the naive simulations as lists of neighbours, and the eigenvalues of their Laplacians from the textbook formulas. */

export interface Graph {
  readonly neighbours: readonly (readonly number[])[];
  /** Eigenvalues of degree - adjacency, without the 0 of the constant vector. */
  readonly eigenvalues: readonly number[];
}

export function complete(n: number): Graph {
  return {
    neighbours: each(n, i => each(n, j => j).filter(j => j !== i)),
    eigenvalues: each(n - 1, () => n),
  };
}

/** A cycle of n >= 3 nodes. */
export function ring(n: number): Graph {
  return {
    neighbours: each(n, i => [(i + 1) % n, (i + n - 1) % n]),
    eigenvalues: cycle(n).slice(1),
  };
}

/** side x side nodes, side >= 3, each with four neighbours. */
export function torus(side: number): Graph {
  const at = (x: number, y: number) => ((x + side) % side) + side * ((y + side) % side);
  return {
    neighbours: each(side * side, i => {
      const [x, y] = [i % side, Math.floor(i / side)];
      return [at(x + 1, y), at(x - 1, y), at(x, y + 1), at(x, y - 1)];
    }),
    eigenvalues: cycle(side)
      .flatMap(a => cycle(side).map(b => a + b))
      .slice(1),
  };
}

/** 2^dimensions nodes. */
export function hypercube(dimensions: number): Graph {
  const ones = (i: number): number => (i === 0 ? 0 : (i & 1) + ones(i >> 1));
  return {
    neighbours: each(2 ** dimensions, i => each(dimensions, k => i ^ (1 << k))),
    eigenvalues: each(2 ** dimensions, i => 2 * ones(i)).slice(1),
  };
}

function cycle(n: number): number[] {
  return each(n, k => 2 - 2 * Math.cos((2 * Math.PI * k) / n));
}

function each<T>(n: number, value: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => value(i));
}
