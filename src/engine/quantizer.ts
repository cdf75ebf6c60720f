/**
 * A pair's two rows, each on its way to the other through the lattice: of each, both sides then have the same Q(x), and average that; with
 * few bits each takes the difference of the two (see compress/few.ts).
 * How far a row was from those it met is kept with the row, and moves with the op that measured it, as do the counts; the draws are a
 * function of the two rows and their turns. So whoever does the op, and does it again, does the same.
 */

import type { Address, Kernels } from '../models/kernels/kernels.js';
import { source, word } from '../random.js';
import { bitsOf, floatOf } from './agenda.js';
import type { Row } from './algorithm.js';
import { enough } from './compress/few.js';
import { measure, openTransfer, type Quantization, travelling } from './compress/transfer.js';
import { turnOf } from './guard.js';
import { type Intent, target } from './intent.js';
import { Control, controlWord, type Layout, Thread, threadWord } from './layout.js';
import type { Words } from './words.js';

export interface Quantizer {
  /** Exchanges the vectors at `x` and `y` of the rows, which are held: the first and the second of the pair's models, as both see them. */
  exchange(a: Row, b: Row, x: Address, y: Address): void;
  readonly first: Address;
  readonly second: Address;
  /**
   * What each takes for the other's model: x + Q(y) - Q(x) is `second`, as the first of the pair sees it, y + Q(x) - Q(y) is `first`. Each
   * then averages its own model, as it is, with that.
   */
  readonly apart: boolean;
  /** The targets of the op: what was measured and counted. */
  target(intent: Intent): void;
}

/** Of one who decides what others do: the weights are theirs, and all that follows from them. */
export const idleQuantizer: Quantizer = { exchange() {}, first: 0, second: 0, apart: false, target() {} };

/** Floats of a thread's scratch that it takes. */
export function quantizerFloats(parameters: number, quantization: Quantization): number {
  return plan(parameters, quantization, 0).end / 4;
}

function plan(parameters: number, quantization: Quantization, start: Address) {
  let end = start;
  const take = (bytes: number) => {
    const address = end;
    end += Math.ceil(bytes / 128) * 128;
    return address;
  };
  const n = travelling(parameters, quantization);
  const row = 4 * Math.max(n, Math.ceil(parameters / 32) * 32);
  const place = {
    codes: take((n * quantization.bits) / 8 + 1),
    stamp: take(8),
    first: take(row),
    second: take(row),
    turnedX: take(quantization.rotation ? row : 0),
    turnedY: take(quantization.rotation ? row : 0),
  };
  return { place, end };
}

/** `start` is the address of its part of the scratch. */
export function openQuantizer(
  words: Words,
  layout: Layout,
  thread: number,
  kernels: Kernels,
  quantization: Quantization,
  start: Address,
  seed: number,
): Quantizer {
  const { parameters } = layout.shape;
  const { place } = plan(parameters, quantization, start);
  const n = travelling(parameters, quantization);
  const padding = layout.stride - parameters;
  const transfer = openTransfer(kernels, n, quantization, place.codes, place.stamp);
  const [senders, receivers] = [source(seed, 'lattice sender'), source(seed, 'lattice receiver')];
  const [low, high] = [source(seed, 'rotation low'), source(seed, 'rotation high')];
  const read = (row: Row, name: number) => words.load(controlWord(layout, row, name));
  const turn = (row: Row) => turnOf(read(row, Control.Turn));
  const distance = (row: Row) => floatOf(read(row, Control.Distance));
  const counts = [Thread.Messages, Thread.Retries, Thread.Plain].map(name => threadWord(layout, thread, name));
  /** The two rows, and what each is measured at after the exchange. */
  const rows = [0, 0];
  const measured = [0, 0];

  /** True when what `sender` has arrived at `receiver`, in `to`. */
  function send(sender: Row, receiver: Row, to: Address, from: Address, near: Address, radius: number): boolean {
    const a = word(senders, sender, turn(sender));
    const b = word(receivers, receiver, turn(receiver));
    return transfer.send(to, from, near, radius, a | 0, b | 0);
  }

  /** Back from a rotation, in place, with the padding of a row. */
  function turnBack(at: Address, a: number, b: number): void {
    kernels.unrotate(at, at, parameters, n, a, b);
    kernels.zero(at + 4 * parameters, padding);
  }

  const apart = quantization.bits < enough;

  /** From Q(x) and Q(y), or x and y where they went as they are, to what each takes for the other's model. */
  function takeApart(x: Address, y: Address, one: Address, other: Address): void {
    kernels.difference(place.turnedX, one, other, layout.stride);
    kernels.difference(place.turnedY, other, one, layout.stride);
    kernels.commit(place.second, x, place.turnedX, layout.stride);
    kernels.commit(place.first, y, place.turnedY, layout.stride);
    quantizer.first = place.first;
    quantizer.second = place.second;
  }

  const quantizer = {
    first: place.first,
    second: place.second,
    apart,
    exchange(a: Row, b: Row, x: Address, y: Address) {
      const [ofA, ofB] = [distance(a), distance(b)];
      const most = ofA > ofB ? ofA : ofB;
      rows[0] = a;
      rows[1] = b;
      let [sentX, sentY] = [x, y];
      const keyA = word(low, a, turn(a)) | 0;
      const keyB = word(high, b, turn(b)) | 0;
      if (quantization.rotation) {
        kernels.rotate((sentX = place.turnedX), x, parameters, n, keyA, keyB);
        kernels.rotate((sentY = place.turnedY), y, parameters, n, keyA, keyB);
      }
      const one = send(a, b, place.first, sentX, sentY, most);
      measured[1] = measure(ofB, transfer.distance);
      const other = send(b, a, place.second, sentY, sentX, most);
      measured[0] = measure(ofA, transfer.distance);
      if (quantization.rotation) {
        if (one) turnBack(place.first, keyA, keyB);
        if (other) turnBack(place.second, keyA, keyB);
      }
      quantizer.first = one ? place.first : x;
      quantizer.second = other ? place.second : y;
      if (apart) takeApart(x, y, quantizer.first, quantizer.second);
    },
    target(intent: Intent) {
      for (let k = 0; k < 2; k++) target(intent, controlWord(layout, rows[k], Control.Distance), bitsOf(measured[k]));
      const { messages, retries, plain } = transfer;
      if (messages > 0) target(intent, counts[0], (words.load(counts[0]) + messages) | 0);
      if (retries > 0) target(intent, counts[1], (words.load(counts[1]) + retries) | 0);
      if (plain > 0) target(intent, counts[2], (words.load(counts[2]) + plain) | 0);
      transfer.messages = transfer.retries = transfer.plain = 0;
    },
  };
  return quantizer;
}
