/** The verbs of messages: a copy of a model goes into a slot, and out of it into the row of whoever it reaches. */

import { HearsayError } from '../errors.js';
import type { Row, Rows } from './algorithm.js';
import { combineColumns } from './combine.js';
import { hold, holdPair, release } from './hold.js';
import { perform, targetTurn } from './intent.js';
import { Control, controlWord } from './layout.js';
import { type Crowd, type Ops, type RowsContext, Verb } from './op.js';

export function openMessages(context: RowsContext, ops: Ops): Pick<Rows, 'stow' | 'absorb' | 'drop'> {
  const { holder, kernels, scribe, versions, slots } = context;
  const { words, layout } = holder;
  const { stride } = layout;
  const { intent, sum, current, spare, targetParams } = ops;

  /** One receiver less; the last one gives the slot back. */
  function received(slot: Row): void {
    const word = controlWord(layout, slot, Control.Receivers);
    const left = words.load(word) - 1;
    words.store(word, left);
    if (left <= 0) slots!.give(slot);
  }

  return {
    stow(row, carries = 'all') {
      const slot = slots?.take() ?? -1;
      if (slot < 0) throw exhausted(slots?.most ?? 0, layout.shape.nodes, context.crowded?.());
      scribe?.reserve(0);
      hold(holder, row);
      hold(holder, slot);
      kernels.copy(current(slot), current(row), stride);
      versions?.copy(slot, row, carries === 'own' ? row : -1);
      targetTurn(intent, row, 0);
      targetTurn(intent, slot, 0);
      scribe?.note(intent, Verb.stow, slot, row, 0, 0, 0, 0);
      perform(intent);
      release(holder, slot);
      release(holder, row);
      words.store(controlWord(layout, slot, Control.Receivers), 0); // each sending counts one up
      return slot;
    },

    absorb(row, slot, own, theirs) {
      scribe?.reserve(0);
      holdPair(holder, row, slot, true);
      if (own + theirs === 1) kernels.blend(spare(row), current(row), current(slot), theirs, stride);
      else combineColumns(sum, [spare(row)], [current(row), current(slot)], [own, theirs], 0, stride);
      versions?.absorb(row, slot, -1);
      targetParams(row);
      targetTurn(intent, slot, 0);
      scribe?.note(intent, Verb.absorb, row, slot, 0, 0, own, theirs);
      perform(intent);
      release(holder, slot);
      release(holder, row);
      context.mixed(1);
      received(slot);
    },

    drop: received,
  };
}

function exhausted(most: number, nodes: number, { time, slots }: Crowd = {}): HearsayError {
  const when = time === undefined ? '' : ` at virtual second ${Number(time.toPrecision(4))}`;
  const remedy =
    slots === undefined
      ? 'arrive of the algorithm must absorb or drop each message'
      : `give more with --slots: try ${slots}, or make delays shorter or gossip rarer`;
  return new HearsayError(
    'SLOTS_EXHAUSTED',
    `messages: all ${most} slots are in flight${when}, sent by ${nodes} nodes: ${remedy}`,
  );
}
