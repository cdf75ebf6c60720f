/**
 * The books that are kept of a history while it is read: which node has a piece of work pending, of how many steps, and whose data a
 * newcomer has. An op that makes no sense is refused here, before a player meets it: a wrong row would be some other memory, an op with
 * itself would wait for itself, and a piece of 2^31 steps would never end.
 */

import type { Posted } from '../agenda.js';
import { isCell, isDelta, isTarget, rowOf } from '../cell.js';
import type { Layout } from '../layout.js';
import { Verb } from '../op.js';
import { Malformed } from './code.js';

export interface Ledger {
  /** The next op, in an order that the turns allow. Throws Malformed. */
  enter(op: Posted): void;
  /** Local steps committed so far, over all nodes. */
  readonly steps: number;
}

export interface Rules {
  /** Nodes with data of their own; those beyond them must adopt somebody's before they learn. */
  readonly places: number;
  /** Element kernels of the algorithm. */
  readonly elements: number;
  /** Local steps of a piece of work, at most. */
  readonly longest: number;
}

export function openLedger(layout: Layout, { places, elements, longest }: Rules): Ledger {
  const { models, rows, planes } = layout;
  const { nodes } = layout.shape;
  /** Steps of the pending piece, -1 for none. */
  const pending = new Float64Array(nodes).fill(-1);
  const placed = Uint8Array.from({ length: nodes }, (_, node) => (node < places ? 1 : 0));
  const changeable = planes.reduce((mask, { bit, name }) => (bit >= 0 && name !== 'versions' ? mask | (1 << bit) : mask), 0);
  const anyBit = planes.reduce((mask, { bit }) => (bit >= 0 ? mask | (1 << bit) : mask), 0);
  let steps = 0;

  const need = (holds: boolean, what: string) => {
    if (!holds) throw new Malformed(what);
  };
  const isNode = (row: number) => row >= 0 && row < nodes;
  const isModel = (row: number) => row >= 0 && row < models;
  /** A plane that is sent whole. */
  const isWhole = (place: number) => place !== 1 && isTarget(layout, place * rows);
  const isSlot = (row: number) => row >= models && row < rows;

  function settle(node: number): void {
    need(isNode(node) && pending[node] >= 0, `node ${node} has no piece of work to commit`);
    steps += pending[node];
    pending[node] = -1;
  }

  function enter({ verb, a, b, x, y, lists }: Posted): void {
    switch (verb) {
      case Verb.descend:
        need(isNode(a) && isModel(b), `row ${b} can't be learnt from by ${a}`);
        need(placed[a] === 1, `node ${a} has no data`);
        need(x >= 0 && x <= longest, `a piece of work of ${x} steps, at most ${longest} are allowed`);
        pending[a] = x;
        return;
      case Verb.commit:
        need(isModel(b), `row ${b} is no model`);
        settle(a);
        return;
      case Verb.mixAndCommit:
      case Verb.mixAndCommitBoth:
      case Verb.mix:
      case Verb.pull:
        need(a !== b && isNode(a) && isNode(b), `${a} and ${b} are no two nodes`);
        if (verb === Verb.mixAndCommit || verb === Verb.mixAndCommitBoth) settle(a);
        if (verb === Verb.mixAndCommitBoth) settle(b);
        return;
      case Verb.combine:
        need(lists!.targets.length > 0 && lists!.targets.every(cell => isTarget(layout, cell)), 'a sum that goes to no model');
        need(
          lists!.operands.every(cell => isCell(layout, cell)),
          'a sum of what is no model',
        );
        need(new Set(lists!.targets).size === lists!.targets.length, 'a sum that goes to one row twice');
        for (const cell of new Set(lists!.operands)) if (isDelta(cell, rows)) settle(rowOf(cell, rows));
        return;
      case Verb.apply:
        need(isModel(a) && (b < 0 || (b !== a && b < rows)), `row ${a} is no model, or row ${b} none to look at`);
        need(x >= 0 && x < elements, `there is no element kernel ${x}`);
        need((y & changeable) !== 0 && (y & ~anyBit) === 0, `there are no planes ${y}`);
        return;
      case Verb.stow:
        need(isSlot(a) && isModel(b) && isWhole(x), `row ${b} can't be sent in row ${a}`);
        return;
      case Verb.absorb:
        need(isModel(a) && isSlot(b) && isWhole(x) && (y === 0 || y === 1), `row ${b} is no message to ${a}`);
        return;
      case Verb.meet:
        need(isNode(a) && pending[a] >= 0 && x >= 1, `node ${a} has nothing to come to a meeting with`);
        need(b < 0, `node ${a} comes to a meeting with row ${b}, whose turn that does not move`);
        return;
      case Verb.adopt:
        need(a !== b && isNode(a) && isNode(b) && placed[b] === 1, `node ${a} can't begin as ${b}`);
        need(x === 0 || (x === 1 && pending[a] >= 0), `node ${a} can't begin again as ${b}`);
        if (x === 1) return;
        placed[a] = 1;
        pending[a] = -1;
        return;
      default:
        throw new Malformed(`there is no verb ${verb}`);
    }
  }

  return {
    enter,
    get steps() {
      return steps;
    },
  };
}
