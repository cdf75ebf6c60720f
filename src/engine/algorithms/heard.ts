/**
 * What a node remembers of others: the last gradient, or sketch of one, of each of 8 senders, the newest first. A note of it is who made
 * it (its number plus 1; 0: nobody), and the gradient. They lie in one plane, behind `before` other numbers.
 */

/** Senders that a node remembers. */
export const mostSenders = 8;

export interface Memory {
  /** Words of the plane. */
  readonly width: number;
  /** The gradients that are known. */
  gradients(heard: Float32Array): Float32Array[];
  /** The note goes in front, into `to`; an older one of the same sender goes, else the oldest of all. */
  remember(to: Float32Array, from: Float32Array, note: Float32Array): void;
}

/** `length` numbers of a gradient. */
export function openMemory(length: number, before: number): Memory {
  const width = 1 + length;
  const notes = (heard: Float32Array) =>
    Array.from({ length: mostSenders }, (_, k) => heard.subarray(before + k * width, before + (k + 1) * width));
  return {
    width: before + mostSenders * width,
    gradients: heard =>
      notes(heard)
        .filter(([maker]) => maker > 0)
        .map(note => note.subarray(1)),
    remember(to, from, note) {
      to.set(from);
      if (note[0] === 0) return; // its sender has not learnt yet
      const kept = [note, ...notes(from).filter(([maker]) => maker !== note[0])];
      for (const [k, place] of notes(to).entries()) place.set(kept[k]);
    },
  };
}
