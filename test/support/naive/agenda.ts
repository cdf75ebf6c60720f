/** What is to happen, earliest first: a binary heap of (time, event). Events of one time come in any order. */

export interface Agenda<Event> {
  add(time: number, event: Event): void;
  /** Removes and returns the earliest entry; the agenda must not be empty. */
  next(): { time: number; event: Event };
}

export function agenda<Event>(): Agenda<Event> {
  const heap: { time: number; event: Event }[] = [];
  const swap = (i: number, j: number) => ([heap[i], heap[j]] = [heap[j], heap[i]]);
  return {
    add(time, event) {
      let at = heap.push({ time, event }) - 1;
      for (let up = (at - 1) >> 1; at > 0 && heap[at].time < heap[up].time; up = (at - 1) >> 1) {
        swap(at, up);
        at = up;
      }
    },
    next() {
      swap(0, heap.length - 1);
      const first = heap.pop()!;
      for (let at = 0; ; ) {
        const [left, right] = [2 * at + 1, 2 * at + 2];
        let least = at;
        if (left < heap.length && heap[left].time < heap[least].time) least = left;
        if (right < heap.length && heap[right].time < heap[least].time) least = right;
        if (least === at) return first;
        swap(at, least);
        at = least;
      }
    },
  };
}
