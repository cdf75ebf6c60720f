/**
 * Who knows which version of whom, and the time averages of what they miss (Mitra and Ulukus, arXiv 2404.19749).
 *
 *   N[i][j]   newest version of node i's model whose effect is in node j's; N[i][i] counts i's own updates
 *   S[i][j] = N[i][i] - N[i][j]   staleness
 *   age[i][j] = now - (time at which version N[i][j] of i was made)
 *
 * An average over [from, until] needs no visit at every event: a value that grows by d at time t adds d (until - t) to the integral.
 */

export interface Versions {
  readonly newest: readonly (readonly number[])[];
  /** Node i has completed an update. */
  update(node: number, time: number): void;
  /** All that `from` knows reaches `to`; when `own`, only the version of `from` itself. */
  tell(from: number, to: number, time: number, own?: boolean): void;
  /** Time average of S[i][j], after `until`. */
  staleness(i: number, j: number): number;
  /** Time average of age[i][j], after `until`. */
  age(i: number, j: number): number;
}

export function versions(n: number, from: number, until: number): Versions {
  const table = () => Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const [newest, made, newestArea, madeArea] = [table(), table(), table(), table()];

  function set(i: number, j: number, version: number, birth: number, time: number): void {
    const left = Math.max(0, until - Math.max(time, from));
    newestArea[i][j] += (version - newest[i][j]) * left;
    madeArea[i][j] += (birth - made[i][j]) * left;
    newest[i][j] = version;
    made[i][j] = birth;
  }

  return {
    newest,
    update: (node, time) => set(node, node, newest[node][node] + 1, time, time),
    tell(from, to, time, own = false) {
      for (let i = 0; i < n; i++) {
        if (own && i !== from) continue;
        if (newest[i][from] > newest[i][to]) set(i, to, newest[i][from], made[i][from], time);
      }
    },
    staleness: (i, j) => (newestArea[i][i] - newestArea[i][j]) / (until - from),
    age: (i, j) => (from + until) / 2 - madeArea[i][j] / (until - from),
  };
}
