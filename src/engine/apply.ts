/** The verb for what an algorithm alone knows how to do: a kernel of its own on planes of one row. */

import { HearsayError } from '../errors.js';
import { source, word } from '../random.js';
import type { Row, Rows } from './algorithm.js';
import { turnOf } from './guard.js';
import { hold, holdPair, release } from './hold.js';
import { perform, target, targetTurn } from './intent.js';
import { Control, controlWord, type Plane } from './layout.js';
import { type Ops, type RowsContext, Verb } from './op.js';
import { maskOf } from './sides.js';

type Views = Record<string, Float32Array>;

const nothing: Views = {};

export function openApply(context: RowsContext, ops: Ops): Rows['apply'] {
  const { holder, scribe, versions } = context;
  const { layout } = holder;
  const { intent, paramsMask, read, current, spare, isPending, targetOwn } = ops;
  const names = Object.keys(context.elements);
  const random = source(context.seed, 'kernel');
  const visible = layout.planes.filter(({ name }) => name !== 'versions');

  const view = (address: number, { width = layout.shape.parameters }: Plane) => new Float32Array(context.buffer, address, width);

  /** What a kernel may look at: all of a model, of a message that which it carries. */
  function viewsOf(row: Row): Views {
    const views: Views = {};
    for (const plane of visible) {
      if (row < layout.models || plane.slots >= 0) views[plane.name] = view(current(row, plane), plane);
    }
    return views;
  }

  function changeable(name: string): Plane {
    const plane = visible.find(plane => plane.name === name);
    if (plane?.sides === 2) return plane;
    const two = visible.filter(({ sides }) => sides === 2).map(({ name }) => name);
    throw new HearsayError('STATE', `apply: '${name}' is no two-sided plane of this run; there are ${two.join(', ')}`);
  }

  return (row, name, planes = ['params'], { value = 0, other = -1 } = {}) => {
    const kernel = context.elements[name];
    if (!kernel) {
      const known = names.length > 0 ? names.join(', ') : 'none: add kernels: { ... }';
      throw new HearsayError('STATE', `apply: '${name}' is no kernel of this algorithm; it brings ${known}`);
    }
    const changed = planes.map(changeable);
    scribe?.reserve(0);
    if (other < 0) hold(holder, row);
    else holdPair(holder, row, other, true);
    let mask = 0; // without what goes along with params: that depends on the driver
    const to: Views = {};
    for (const plane of changed) {
      to[plane.name] = view(spare(row, plane), plane);
      mask |= maskOf(plane);
    }
    const seed = word(random, row, turnOf(read(row, Control.Turn)));
    kernel({
      to,
      from: viewsOf(row),
      other: other < 0 ? nothing : viewsOf(other),
      value: Math.fround(value),
      seed,
      kernels: context.set!,
      room: context.work,
    });
    const isMessage = other >= layout.models;
    // What a row takes of a message, it knows of from then on, in whatever plane it keeps it.
    if (isMessage) versions?.absorb(row, other, -1);
    else if ((mask & paramsMask) !== 0) versions?.keep(row);
    const known = isMessage || (mask & paramsMask) !== 0 ? (versions?.mask ?? 0) : 0;
    targetTurn(intent, row, mask | known);
    if (isMessage) target(intent, controlWord(layout, other, Control.Applied), read(other, Control.Receivers));
    if (other >= 0) targetTurn(intent, other, 0);
    else if (isPending(row)) targetOwn(row);
    scribe?.note(intent, Verb.apply, row, other, names.indexOf(name), mask, value, 0);
    perform(intent);
    if (other >= 0) release(holder, row > other ? row : other);
    release(holder, other >= 0 && other < row ? other : row);
    if (isMessage) context.mixed(1);
  };
}
