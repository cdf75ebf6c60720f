/** The verbs by which a row takes over the model of another: a newcomer's, and that of a node whose piece of work was dropped. */

import type { Row, Rows } from './algorithm.js';
import { holdPair, release } from './hold.js';
import { perform, target, targetTurn } from './intent.js';
import { Control, controlWord } from './layout.js';
import { massOf, targetMass } from './mass.js';
import { type Ops, type RowsContext, Verb } from './op.js';
import { maskOf } from './sides.js';

export interface Adoption extends Pick<Rows, 'adopt'> {
  /** The node, whose piece is pending or about to be, begins again from the model of another, if that piece was dropped. */
  restart(node: Row, from: Row): void;
}

export function openAdoption(context: RowsContext, ops: Ops): Adoption {
  const { holder, kernels, scribe, versions } = context;
  const { words, layout } = holder;
  const { stride } = layout;
  const { intent, paramsMask, stateMask, read, current, spare, targetOwn } = ops;
  const moving = (context.along ?? []).flatMap(({ plane, moving }) => (moving ? [plane] : []));
  const travels = context.state.length > 0 && context.state.every(state => moving.includes(state));
  /** The algorithm's own planes that change with the row. */
  const ownPlanes = layout.planes.filter(
    plane => plane.sides === 2 && plane.name !== 'params' && plane.name !== 'versions' && !context.state.includes(plane),
  );
  const allMask = ownPlanes.reduce((mask, plane) => mask | maskOf(plane), paramsMask | stateMask);
  const modelMask = moving.reduce((mask, plane) => mask | maskOf(plane), maskOf(layout.planes[0]));

  /** Holds both and ends the op, the targets of which `put` puts together. */
  function take(node: Row, from: Row, kind: 0 | 1, put: () => void): void {
    scribe?.reserve(0);
    holdPair(holder, node, from, true);
    put();
    scribe?.note(intent, Verb.adopt, node, from, kind, 0, 0, 0);
    perform(intent);
    release(holder, node > from ? node : from);
    release(holder, node > from ? from : node);
  }

  return {
    adopt(node, from) {
      take(node, from, 0, () => {
        kernels.copy(spare(node), current(from), stride);
        for (const plane of context.state) {
          if (moving.includes(plane)) kernels.copy(spare(node, plane), current(from, plane), stride);
          else kernels.zero(spare(node, plane), stride);
        }
        const age = travels ? read(from, Control.Steps) - read(from, Control.Since) : 0;
        target(intent, controlWord(layout, node, Control.Since), (read(node, Control.Steps) - age) | 0);
        for (const plane of ownPlanes) {
          if (context.fresh?.includes(plane.name)) kernels.zero(spare(node, plane), plane.stride);
          else kernels.copy(spare(node, plane), current(from, plane), plane.stride);
        }
        if (context.mass) targetMass(intent, node, massOf(words, layout, from));
        versions?.copy(node, from);
        const place = read(from, Control.Place);
        targetTurn(intent, node, allMask);
        targetTurn(intent, from, 0);
        if (node >= context.places) target(intent, controlWord(layout, node, Control.Place), place > 0 ? place : from + 1);
      });
    },

    // Where it is planned, it may have been for nothing: the op is then one that only takes its turns.
    restart(node, from) {
      take(node, from, 1, () => {
        if (!context.planned || read(node, Control.Dropped) === read(node, Control.Committed) + 1) {
          kernels.copy(spare(node), current(from), stride);
          for (const plane of moving) kernels.copy(spare(node, plane), current(from, plane), stride);
          // Its own state is zero after the steps of the piece.
          const steps = (read(node, Control.Steps) + read(node, Control.PieceSteps)) | 0;
          if (!travels) target(intent, controlWord(layout, node, Control.Since), steps);
          targetTurn(intent, node, modelMask);
        } else targetTurn(intent, node, 0);
        targetTurn(intent, from, 0);
        targetOwn(node);
      });
    },
  };
}
