/** The verbs of messages: a copy of a model goes into a slot, and out of it into the row of whoever it reaches. */

import { HearsayError } from '../errors.js';
import type { Row, Rows } from './algorithm.js';
import { placeOf } from './cell.js';
import { combineColumns } from './combine.js';
import { hold, holdPair, release } from './hold.js';
import { perform, target, targetTurn } from './intent.js';
import { Control, controlWord, type Plane, planeNamed } from './layout.js';
import { given, type MassRule, massOf, merged, targetMass } from './mass.js';
import { type Crowd, type Ops, type RowsContext, Verb } from './op.js';
import { maskOf } from './sides.js';

export function openMessages(context: RowsContext, ops: Ops): Pick<Rows, 'stow' | 'absorb' | 'merge' | 'drop' | 'ignore'> {
  const { holder, kernels, scribe, versions, slots } = context;
  const { words, layout } = holder;
  const { stride } = layout;
  const { intent, sum, paramsMask, current, spare } = ops;
  const [params] = layout.planes;
  const averaging = context.averaging?.of(kernels) ?? kernels;
  /** What a message brings along that goes into the receiver's with the same weights as the model. */
  const travelling = (sum.along ?? []).flatMap(({ plane, moving }) => (moving && plane.carried ? [plane] : []));
  const travelMask = travelling.reduce((mask, plane) => mask | maskOf(plane), paramsMask);
  const carried = layout.planes.filter(plane => plane.carried && plane !== params && plane.name !== 'versions');

  function twoSided(name: string): Plane {
    const plane = planeNamed(layout, name);
    if (plane?.sides === 2 && plane.width === undefined) return plane;
    throw new HearsayError(
      'STATE',
      `messages: '${name}' is no two-sided plane of whole rows, so no message can go out of it or into it`,
    );
  }

  const wordOf = (slot: Row, word: number) => controlWord(layout, slot, word);

  /** One receiver less; the last one gives the slot back. */
  function received(slot: Row): void {
    const left = ops.read(slot, Control.Receivers) - 1;
    if (left <= 0) {
      words.store(wordOf(slot, Control.Sender), 0);
      slots!.give(slot);
    } else words.store(wordOf(slot, Control.Receivers), left);
  }

  /** With a rule, masses take the place of the weights. */
  function absorb(row: Row, slot: Row, own: number, theirs: number, plane: Plane, rule?: MassRule): void {
    scribe?.reserve(0);
    holdPair(holder, row, slot, true);
    const both = rule && merged(rule, massOf(words, layout, row), massOf(words, layout, slot));
    const [mine, given] = both ? [1 - both.theirs, both.theirs] : [own, theirs];
    if (mine + given === 1)
      (plane === params ? averaging : kernels).blend(spare(row, plane), current(row, plane), current(slot), given, stride);
    else combineColumns(sum, [spare(row, plane)], [current(row, plane), current(slot)], [mine, given], 0, stride);
    if (plane === params) {
      versions?.absorb(row, slot, -1);
      for (const one of travelling)
        combineColumns(sum, [spare(row, one)], [current(row, one), current(slot, one)], [mine, given], 0, stride);
    }
    targetTurn(intent, row, plane === params ? travelMask : maskOf(plane));
    targetTurn(intent, slot, 0);
    if (both) targetMass(intent, row, both.mass);
    const left = ops.read(slot, Control.Receivers) - 1;
    target(intent, wordOf(slot, Control.Receivers), left);
    if (left <= 0) target(intent, wordOf(slot, Control.Sender), 0);
    scribe?.note(intent, Verb.absorb, row, slot, placeOf(layout, plane), rule ? 1 : 0, own, theirs);
    perform(intent);
    release(holder, slot);
    release(holder, row);
    context.mixed(1);
    if (left <= 0) slots!.give(slot);
  }

  return {
    stow(row, options) {
      const slot = slots?.take() ?? -1;
      if (slot < 0) throw exhausted(slots?.most ?? 0, layout.shape.nodes, context.crowded?.());
      const sent = options?.plane === undefined ? params : twoSided(options.plane);
      scribe?.reserve(0);
      hold(holder, row);
      hold(holder, slot);
      kernels.copy(current(slot), current(row, sent), stride);
      for (const plane of carried) kernels.copy(current(slot, plane), current(row, plane), plane.stride);
      versions?.copy(slot, row, options?.versions === 'own' ? row : -1);
      if (sent === params) targetTurn(intent, row, 0);
      else {
        kernels.zero(spare(row, sent), stride);
        targetTurn(intent, row, maskOf(sent));
      }
      targetTurn(intent, slot, 0);
      if (context.mass) {
        const mass = massOf(words, layout, row);
        const goes = given(context.mass, mass);
        if (context.mass === 'push-sum') targetMass(intent, row, mass - goes);
        targetMass(intent, slot, goes);
      }
      target(intent, wordOf(slot, Control.Receivers), 0); // each sending counts one up
      target(intent, wordOf(slot, Control.Applied), 0);
      target(intent, wordOf(slot, Control.Sender), row + 1);
      scribe?.note(intent, Verb.stow, slot, row, placeOf(layout, sent), 0, 0, 0);
      perform(intent);
      release(holder, slot);
      release(holder, row);
      return slot;
    },

    absorb: (row, slot, own, theirs, plane) =>
      absorb(row, slot, own, theirs, plane === undefined || plane === 'params' ? params : twoSided(plane)),

    merge: (row, slot) => absorb(row, slot, 0.5, 0.5, params, context.mass ?? 'age'),

    drop: received,

    ignore(slot) {
      context.ignored();
      received(slot);
    },
  };
}

/** All places are taken. Of virtual time, `crowd` says when, and what may do. */
export function exhausted(most: number, nodes: number, { time, slots }: Crowd = {}): HearsayError {
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
