/** The side of the agenda that posts: ops go into the ring in their order, and wait outside while it is full. */

import { HearsayError } from '../errors.js';
import { bitsOf, Field, type Posted, ringOf, snappedWord, tagOf } from './agenda.js';
import { Header, type Layout, opWords } from './layout.js';
import { ring, type Words } from './words.js';

/** Op numbers are words: they begin at 0 again beyond this one, at the next rewind. */
const oldest = 2 ** 30;

export interface Poster {
  /** Entries that are free. */
  room(): number;
  /** Ops for which there is no room wait here until `room` or `isDone` is asked. Throws STATE for one that can never have room. */
  post(op: Posted): void;
  /** True when everything that was posted is done. */
  isDone(): boolean;
  /** True when numbers should begin at 0 again. */
  isWorn(): boolean;
  /** Numbers begin at 0 again: when all is done, and while everybody is parked. */
  rewind(): void;
}

/** The one who posts: the main thread, over shared words. */
export function openPoster(words: Words, layout: Layout): Poster {
  const at = ringOf(layout);
  let posted = words.load(Header.Posted);
  let low = Math.max(words.load(Header.Low), posted - at.size);
  const waiting: Posted[] = [];

  function lowest(): number {
    while (low < posted && words.load(at.state(low)) === 0) low++;
    return low;
  }

  function room(): number {
    const free = () => at.size - (posted - lowest());
    while (waiting.length > 0 && entriesOf(waiting[0]) <= free()) write(waiting.shift()!);
    return waiting.length > 0 ? 0 : free();
  }

  function write(op: Posted): void {
    const k = posted;
    const put = (field: number, value: number) => words.store(at.record(k, field), value);
    const { lists, touched = [] } = op;
    put(Field.Number, k);
    put(Field.Verb, op.verb);
    put(Field.A, op.a);
    put(Field.B, op.b);
    put(Field.TurnA, op.turnA);
    put(Field.TurnB, op.turnB);
    put(Field.HandA, op.handA);
    put(Field.HandB, op.handB);
    put(Field.X, op.x);
    put(Field.Y, op.y);
    put(Field.W, bitsOf(op.w));
    put(Field.V, bitsOf(op.v));
    put(Field.Targets, lists?.targets.length ?? 0);
    put(Field.Operands, lists?.operands.length ?? 0);
    put(Field.Weights, lists?.weights.length ?? 0);
    put(Field.Touched, touched.length);
    let field: number = opWords;
    if (lists) {
      for (const row of lists.targets) put(field++, row);
      for (const operand of lists.operands) put(field++, operand);
      for (const weight of lists.weights) put(field++, bitsOf(weight));
      for (const { row, turn, hand } of touched) {
        put(field++, row);
        put(field++, turn);
        put(field++, hand);
      }
    }
    const entries = entriesOf(op);
    for (let more = 1; more < entries; more++) words.store(at.state(k + more), 0); // they are parts of op k: nothing to claim
    words.store(at.state(k), tagOf(k));
    posted = k + entries;
    words.store(Header.Posted, posted);
    ring(words, Header.Progress);
  }

  return {
    room,
    isDone: () => room() === at.size,
    post(op) {
      const entries = entriesOf(op);
      if (entries > at.size) {
        const numbers = entries * opWords;
        throw new HearsayError(
          'STATE',
          `combine: ${numbers} rows and weights, the agenda of a player has room for ${at.size * opWords}; sum fewer at once, take fewer nodes, or leave it to one thread with --parallel never`,
        );
      }
      if (room() >= entries) write(op);
      else waiting.push(copyOf(op));
    },
    isWorn: () => posted >= oldest,
    rewind() {
      posted = low = 0;
      words.store(Header.Posted, 0);
      words.store(Header.Low, 0);
      // A descent of the same number is another one.
      for (let k = 0; k < at.size; k++) words.store(snappedWord(layout, k), 0);
    },
  };
}

function entriesOf({ lists, touched }: Posted): number {
  if (!lists) return 1;
  const numbers = lists.targets.length + lists.operands.length + lists.weights.length + 3 * touched!.length;
  return 1 + Math.ceil(numbers / opWords);
}

/** Whoever posts an op may use its object, and the lists in it, again. */
function copyOf(op: Posted): Posted {
  const { lists, touched } = op;
  if (!lists) return { ...op };
  const { targets, operands, weights } = lists;
  return { ...op, lists: { targets: [...targets], operands: [...operands], weights: [...weights] }, touched: [...touched!] };
}
