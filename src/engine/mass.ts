/**
 * The mass of a row: a number that moves with its model and weighs it in averages; 1 at the start. It is a word of the control line and a
 * target of the same intents, so a row and its mass never disagree. An algorithm names the rule (`Algorithm.mass`):
 *
 *   push-sum   sending gives half of it away, if 3/8 stay (our own bound), and receiving adds: m x is conserved (Kempe, Dobra, Gehrke 2003; Assran et al. 2019). A row
 *              holds the debiased model x, so x = (m_a a + m_b b) / (m_a + m_b), and a step d of the biased one is d / m of x
 *   age        local steps that the model has seen, and 1: receiving takes the larger (Ormandi, Hegedus, Jelasity 2013, by their merge)
 */

import { bitsOf, floatOf } from './agenda.js';
import type { Row } from './algorithm.js';
import { isDelta, rowOf } from './cell.js';
import { type Intent, target } from './intent.js';
import { Control, controlWord, type Layout } from './layout.js';
import type { Lists } from './op.js';
import type { Words } from './words.js';

/**
 * How rows weigh in averages beside the weights that are asked for: `push-sum` (Kempe, Dobra, Gehrke 2003) or `age`, the local
 * steps that a model has seen (Ormandi, Hegedus, Jelasity 2013).
 */
export type MassRule = 'push-sum' | 'age';

/** A fresh word, 0, says 1. */
const one = bitsOf(1);

export function massOf(words: Words, layout: Layout, row: Row): number {
  return floatOf(words.load(controlWord(layout, row, Control.Mass)) ^ one);
}

export function targetMass(intent: Intent, row: Row, mass: number): void {
  target(intent, controlWord(intent.layout, row, Control.Mass), bitsOf(mass) ^ one);
}

/**
 * What a row that sends keeps at least, by push-sum; below 1/2, so that somebody may always send. With random partners, masses without a
 * bound come as near to 0 as one likes, and a step d of the biased model is one of d / m of x.
 */
const least = 3 / 8;

/** What a message takes of a mass: half of it, or nothing where too little would stay. */
export function given(rule: MassRule, mass: number): number {
  if (rule === 'age') return mass;
  return mass / 2 >= least ? mass / 2 : 0;
}

/** The mass of two models together, and the weight of the second in their average. */
export function merged(rule: MassRule, a: number, b: number): { mass: number; theirs: number } {
  const sum = Math.fround(a + b);
  return { mass: rule === 'age' ? Math.max(a, b) : sum, theirs: b / sum };
}

/** A sum as the rule of mass has it: the weights of the models as they are held, and the mass of each target row. */
export interface Weighed {
  readonly weights: readonly number[];
  readonly masses: ReadonlyMap<Row, number>;
}

/**
 * `steps` of a node's pending piece. By push-sum, what is asked for is a sum of biased models m x, and of the masses with the same
 * weights; a delta is a step of a biased model. By age, weights are taken as they are.
 */
export function weigh(
  rule: MassRule,
  { targets, operands, weights }: Lists,
  rows: number,
  mass: (row: Row) => number,
  steps: (node: Row) => number,
): Weighed {
  const shared = weights.length === operands.length;
  const each: number[] = [];
  const masses = new Map<Row, number>();
  targets.forEach((cell, t) => {
    const mine = operands.map((_, k) => Math.fround(weights[shared ? k : t * operands.length + k])); // as a player gets them
    if (cell >= rows) {
      each.push(...mine);
      return;
    }
    let total = 0;
    operands.forEach((operand, k) => {
      if (mine[k] === 0) return;
      const row = rowOf(operand, rows);
      if (rule === 'push-sum') {
        if (operand < rows) total += mine[k] * mass(row);
      } else if (operand < rows || isDelta(operand, rows)) total = Math.max(total, mass(row) + (operand < rows ? 0 : steps(row)));
    });
    masses.set(cell, Math.fround(total));
    for (const [k, operand] of operands.entries()) {
      if (rule === 'age') each.push(mine[k]);
      else each.push((mine[k] * (operand < rows ? mass(rowOf(operand, rows)) : 1)) / Math.fround(total));
    }
  });
  return { weights: each, masses };
}
