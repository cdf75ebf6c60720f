/** Numbers for pieces of a file, in the order of their first appearance: a hash table over the bytes, without a string for each. */

export interface Ids {
  /** Different pieces so far. */
  readonly count: number;
  /** The number of bytes[from .. to - 1]: the same for the same bytes. */
  number(from: number, to: number): number;
  /** The number of a piece of another file; undefined for one that has none. */
  find(file: Uint8Array, from: number, to: number): number | undefined;
  /** The pieces, in the order of their numbers. */
  pieces(): Iterable<Uint8Array>;
}

export function openIds(bytes: Uint8Array): Ids {
  let count = 0;
  /** Where number k lies: from, to. */
  let places = new Uint32Array(2 * 1024);
  /** Numbers + 1 by hash; 0 is free. At most half of it is taken. */
  let slots = new Uint32Array(2048);

  function isSame(number: number, file: Uint8Array, from: number, to: number): boolean {
    const start = places[2 * number];
    if (places[2 * number + 1] - start !== to - from) return false;
    for (let k = 0; k < to - from; k++) if (bytes[start + k] !== file[from + k]) return false;
    return true;
  }

  /** The slot of this piece, or the free one that it would have. */
  function slotOf(file: Uint8Array, from: number, to: number): number {
    const mask = slots.length - 1;
    let slot = hash(file, from, to) & mask;
    while (slots[slot] > 0 && !isSame(slots[slot] - 1, file, from, to)) slot = (slot + 1) & mask;
    return slot;
  }

  function grow(): void {
    const larger = new Uint32Array(2 * places.length);
    larger.set(places);
    places = larger;
    slots = new Uint32Array(2 * slots.length);
    for (let k = 0; k < count; k++) slots[slotOf(bytes, places[2 * k], places[2 * k + 1])] = k + 1;
  }

  return {
    get count() {
      return count;
    },
    number(from, to) {
      let slot = slotOf(bytes, from, to);
      if (slots[slot] > 0) return slots[slot] - 1;
      if (2 * count === places.length) {
        grow();
        slot = slotOf(bytes, from, to);
      }
      places[2 * count] = from;
      places[2 * count + 1] = to;
      slots[slot] = ++count;
      return count - 1;
    },
    find(file, from, to) {
      const number = slots[slotOf(file, from, to)];
      return number > 0 ? number - 1 : undefined;
    },
    *pieces() {
      for (let k = 0; k < count; k++) yield bytes.subarray(places[2 * k], places[2 * k + 1]);
    },
  };
}

/** FNV-1a, its bits mixed once more. */
function hash(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let k = from; k < to; k++) hash = Math.imul(hash ^ bytes[k], 0x01000193);
  return hash ^ (hash >>> 15);
}
