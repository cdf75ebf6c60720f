/**
 * What has come together at a receiver until it is applied at once: how many messages, the mean of each vector that is averaged, and the
 * sum of each that is added. A message moves a mean by its share: the mean of equal ones is that one, to the bit. All lie in one plane.
 */

export interface Inbox {
  /** Words of the plane; the first is how many messages there are. */
  readonly width: number;
  /** One more message, into `to`: its vectors, in the order of the kinds. */
  collect(to: Float32Array, from: Float32Array, vectors: readonly Float32Array[]): void;
  /** The vectors, in that order. */
  vectors(inbox: Float32Array): Float32Array[];
}

/** Vectors of `length` numbers. */
export function openInbox(kinds: readonly ('mean' | 'sum')[], length: number): Inbox {
  const vectors = (inbox: Float32Array) => kinds.map((_, v) => inbox.subarray(1 + v * length, 1 + (v + 1) * length));
  return {
    width: 1 + kinds.length * length,
    vectors,
    collect(to, from, incoming) {
      const [count] = from;
      const [before, after] = [vectors(from), vectors(to)];
      for (const [v, kind] of kinds.entries()) {
        const [old, more, all] = [before[v], incoming[v], after[v]];
        if (count === 0) all.set(more);
        else if (kind === 'mean') for (let k = 0; k < length; k++) all[k] = old[k] + (more[k] - old[k]) / (count + 1);
        else for (let k = 0; k < length; k++) all[k] = old[k] + more[k];
      }
      to[0] = count + 1;
    },
  };
}
