/**
 * The player: one thread that does what the agenda says, whenever its turn has come, through the same verbs as a live run. It holds
 * nothing between two ops, so it never waits for another while it could work.
 *
 * A descent has two intents. That of the snapshot says in `snapped` that the copy is in the plane `base`; that of its end, held under
 * the row's lock, has its hand, its losses, and 'done'. Any other op has one. 'Done' is always the last target, so whatever a dead
 * player leaves undone is still claimed.
 */

import { HearsayError } from '../errors.js';
import { Field, floatOf, snappedWord } from './agenda.js';
import type { Peer, Row } from './algorithm.js';
import { planeAt } from './cell.js';
import { openClaimer } from './claimer.js';
import { hold, release } from './hold.js';
import { type Intent, openIntent, perform, target } from './intent.js';
import { Control, controlWord, Header, type Layout, Thread, threadWord } from './layout.js';
import { type Lists, type Scribe, Verb } from './op.js';
import { called, park } from './quiesce.js';
import type { PlayedRows } from './rows.js';
import type { Instead, Seat } from './seat.js';
import { ring, type Words } from './words.js';

/** One op with everything resolved. */
export interface Resolved {
  readonly verb: number;
  readonly a: Row;
  readonly b: Row;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly v: number;
  readonly lists?: Lists;
}

/** Stands in the verbs' context for the draws and the slots: they were decided when the op was. */
export interface Script {
  op: Resolved;
  /** The steps of the descent in hand, and the sum of their losses; 0 when it was dropped. */
  steps: number;
  loss: number;
  /** True when the intent of the op in hand has been put together. */
  noted: boolean;
  readonly instead: Instead;
}

/** `note` is told when the op's intent is put together, to add targets of its own. */
export function openScript(note: (intent: Intent) => void): Script {
  const idle: Resolved = { verb: 0, a: 0, b: 0, x: 0, y: 0, w: 0, v: 0 };
  const script = { op: idle, steps: 0, loss: 0, noted: false };
  const scribe: Scribe = {
    note(intent) {
      script.noted = true;
      note(intent);
    },
    reserve() {},
  };
  const instead: Instead = {
    wait: true,
    choose: () => script.op.b,
    degree: () => 1,
    slots: { take: () => script.op.a, give() {}, taken: 0, most: 0 },
    versions: undefined,
    scribe,
    planned: true,
    learned(_node, steps, loss) {
      script.steps = steps;
      script.loss = loss;
    },
    committed() {},
    mixed() {},
    busy() {},
    alone() {},
    ignored() {},
  };
  return Object.assign(script, { instead });
}

/** Calls the verb of the op, which is no descent. Throws STATE when the rows are not such that it can be done. */
export function act(rows: PlayedRows, script: Script, elements: readonly string[], layout: Layout): void {
  const { op } = script;
  script.noted = false;
  call(rows, op, elements, layout);
  if (!script.noted) throw new HearsayError('STATE', `play: op ${op.verb} of rows ${op.a} and ${op.b} can't be done`);
}

function call(rows: PlayedRows, op: Resolved, elements: readonly string[], layout: Layout): void {
  const { verb, a, b, x, y, w, v } = op;
  const order = y === 0 ? 'mix' : 'commit';
  switch (verb) {
    case Verb.commit:
      rows.commitAs(a, x, y, b);
      break;
    case Verb.mixAndCommit:
      rows.mixAndCommit(a, (x - 1) as Peer, w, order);
      break;
    case Verb.mixAndCommitBoth:
      rows.mixAndCommitBoth(a, (x - 1) as Peer, w, order);
      break;
    case Verb.mix:
      rows.mix(a, (x - 1) as Peer, w);
      break;
    case Verb.pull:
      rows.pull(a, (x - 1) as Peer, w);
      break;
    case Verb.combine:
      rows.combine(op.lists!.targets, op.lists!.operands, op.lists!.weights);
      break;
    case Verb.apply: {
      const planes = layout.planes.filter(({ bit, name }) => bit >= 0 && name !== 'versions' && (y >>> bit) & 1);
      rows.apply(
        a,
        elements[x],
        planes.map(({ name }) => name),
        { value: w, other: b },
      );
      break;
    }
    case Verb.stow:
      rows.stow(b, x === 0 ? undefined : { plane: planeAt(layout, x)!.name });
      break;
    case Verb.absorb:
      if (y === 1) rows.merge(a, b);
      else rows.absorb(a, b, w, v, planeAt(layout, x)!.name);
      break;
    case Verb.adopt:
      if (x === 1) rows.restart(a, b);
      else rows.adopt(a, b);
      break;
    case Verb.meet:
      rows.meetAs(a, x);
      break;
    default:
      throw new Error(`play: there is no verb ${verb}`);
  }
}

/** Serves a seat until stopped. `open` gives the seat, its context changed. `yields` is for tests: called before and after every claim. */
export function playSeat(layout: Layout, open: (instead: Instead) => Seat, yields: () => void = () => {}): void {
  const player = openPlayer(layout, open);
  for (;;) {
    yields();
    const k = player.look();
    if (k === left) return;
    if (k === nothing) continue;
    yields();
    player.play(k);
  }
}

/** What a look may find beside the number of an op: that it is time to leave, or nothing, after a sleep or a stay in the park. */
export const left = -2;
const nothing = -1;

/** A player keeps nothing between two calls. */
export interface Player {
  /** Claims an op that is ready, and returns its number; see above. */
  look(): number;
  /** Executes an op that this thread has claimed. */
  play(k: number): void;
}

export function openPlayer(layout: Layout, open: (instead: Instead) => Seat): Player {
  let k = -1;
  const script = openScript(intent => {
    if (script.op.verb === Verb.descend) target(intent, snappedWord(layout, k), k + 1);
    else complete(intent);
  });
  const seat = open(script.instead);
  const { words, thread, rows, times, job } = seat;
  const claimer = openClaimer(words, layout, seat.holder.owner);
  const elements = Object.keys(seat.recipe.algorithm.kernels ?? {});
  const working = threadWord(layout, thread, Thread.Node);
  const finishing = openIntent(words, layout, thread, true);

  /** The targets by which an op is done: its hands, and its state. */
  function complete(intent: Intent): void {
    const pass = (row: Row, hand: number) => {
      if (hand >= 0) target(intent, controlWord(layout, row, Control.Hand), hand + 1);
    };
    pass(script.op.a, claimer.field(k, Field.HandA));
    pass(script.op.b, claimer.field(k, Field.HandB));
    if (script.op.lists) for (const { row, hand } of claimer.touched(k)) pass(row, hand);
    claimer.targetDone(intent, k);
  }

  /** Both parts of a descent; the first has been done when a player before this one has died in the second. */
  function descend({ a, b, x }: Resolved, turn: number): void {
    script.steps = script.loss = 0;
    if (words.load(snappedWord(layout, k)) === k + 1) {
      rows.takeUp(a);
      rows.learn(a, x, (turn + 1) & 0xffffff);
    } else {
      const after = rows.snapshot(a, b, x);
      ring(words, Header.Progress); // the row is given on: others may go on with it meanwhile
      rows.learn(a, x, after);
    }
    hold(seat.holder, a);
    grow(finishing, controlWord(layout, a, Control.Loss), script.loss);
    grow(finishing, controlWord(layout, a, Control.LossSteps), script.steps);
    complete(finishing);
    perform(finishing);
    release(seat.holder, a);
  }

  function play(claimed: number): void {
    k = claimed;
    const read = (field: number) => claimer.field(k, field);
    const verb = read(Field.Verb);
    script.op = {
      verb,
      a: read(Field.A),
      b: read(Field.B),
      x: read(Field.X),
      y: read(Field.Y),
      w: floatOf(read(Field.W)),
      v: floatOf(read(Field.V)),
      lists: verb === Verb.combine ? claimer.lists(k) : undefined,
    };
    words.store(working, script.op.a);
    if (verb === Verb.descend) descend(script.op, read(Field.TurnB));
    else act(rows, script, elements, layout);
    count(words, threadWord(layout, thread, Thread.Played));
    if (claimer.completed(k)) count(words, threadWord(layout, thread, Thread.Overtaking));
  }

  function look(): number {
    // Read before looking for work: what is completed after the look changes it, so that nobody falls asleep on it.
    const progress = words.load(Header.Progress);
    if (words.load(Header.Stop) === 1) {
      times.publish();
      return left;
    }
    if (called(words)) {
      times.publish();
      words.store(working, -1);
      park(words, layout, thread, job);
      return nothing;
    }
    const claimed = claimer.claim();
    if (claimed >= 0) return claimed;
    const start = seat.now();
    words.wait(Header.Progress, progress, 100);
    times.blocked += seat.now() - start;
    return nothing;
  }

  return { look, play };
}

const sum = new Float64Array(1);
const halves = new Int32Array(sum.buffer);

/** Targets that add to a f64, which is two words. */
function grow(intent: Intent, word: number, by: number): void {
  for (const half of [0, 1]) halves[half] = intent.words.load(word + half);
  sum[0] += by;
  for (const half of [0, 1]) target(intent, word + half, halves[half]);
}

function count(words: Words, word: number): void {
  words.set(word, words.get(word) + 1);
}
