/** The steps of a network in the terms of other software, which has a table of what each kind of layer is there. */

import type { Operation, Step } from '../layers/operation.js';

type Kind = Operation['kind'];

/** A layer of that kind in its place. */
export type StepOf<K extends Kind> = Step & { readonly operation: Operation & { readonly kind: K } };

/** Of each kind, what a layer makes of `x`; `writing` is what all of them write to. */
export type Writers<Writing, X> = {
  readonly [K in Exclude<Kind, 'chain' | 'residual'>]: (x: X, writing: Writing, step: StepOf<K>) => X;
} & {
  /** body + shortcut */
  residual(body: X, shortcut: X, writing: Writing, step: Step): X;
};

/** Writes the steps one after the other, from `x` on, and returns what comes out. */
export function writeSteps<Writing, X>(writers: Writers<Writing, X>, writing: Writing, steps: readonly Step[], x: X): X {
  return steps.reduce((x, step) => {
    const { operation } = step;
    const along = (steps: readonly Step[]) => writeSteps(writers, writing, steps, x);
    if (operation.kind === 'chain') return along(operation.steps);
    if (operation.kind === 'residual') return writers.residual(along(operation.body), along(operation.shortcut), writing, step);
    const write = writers[operation.kind] as (x: X, writing: Writing, step: Step) => X;
    return write(x, writing, step);
  }, x);
}
