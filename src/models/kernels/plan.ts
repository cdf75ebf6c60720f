/**
 * Which set computes what, as text: a set, and after commas the dense products that another one takes, by inputs x outputs of the layer:
 * `relaxed,forward:784x128=blas,accumulate:784x128=blas`.
 */

import { HearsayError } from '../../errors.js';
import { suggestion } from '../../nearest.js';
import { quote } from '../../spec.js';
import type { DenseKernels } from './contract/dense.js';
import type { Kernels } from './kernels.js';

export type SetName = Kernels['name'];

export const sets: readonly SetName[] = ['reference', 'simd', 'relaxed', 'blas'];

export const productNames = ['forward', 'backward', 'accumulate'] as const satisfies readonly (keyof DenseKernels)[];

/** A dense product of a model. */
export interface Product {
  readonly name: (typeof productNames)[number];
  readonly inputs: number;
  readonly outputs: number;
}

/** A product as it was called in a step. */
export interface ProductCall extends Product {
  readonly rows: number;
  /** Once more in the same places, by any set that was opened on the same memory. */
  again(kernels: DenseKernels): void;
}

/** The kernels, with `see` told of every dense product just before it is computed. */
export function watchProducts(kernels: Kernels, see: (call: ProductCall) => void): Kernels {
  return {
    ...kernels,
    forward(...given) {
      const [, , , , rows, inputs, outputs] = given;
      see({ name: 'forward', rows, inputs, outputs, again: by => by.forward(...given) });
      kernels.forward(...given);
    },
    backward(...given) {
      const [, , , rows, inputs, outputs] = given;
      see({ name: 'backward', rows, inputs, outputs, again: by => by.backward(...given) });
      kernels.backward(...given);
    },
    accumulate(...given) {
      const [, , , , rows, inputs, outputs] = given;
      see({ name: 'accumulate', rows, inputs, outputs, again: by => by.accumulate(...given) });
      kernels.accumulate(...given);
    },
  };
}

export interface Plan {
  readonly set: SetName;
  readonly others: readonly (Product & { readonly set: SetName })[];
}

/** Products that a plan may give to others: more than models have. */
const mostOthers = 1000;

/** Throws CONFIG_RANGE for what is no plan; `where` names it. */
export function readPlan(text: string, where = 'kernels'): Plan {
  const [set, ...rest] = text.split(',', mostOthers + 2);
  if (rest.length > mostOthers) throw wrong(`more than ${mostOthers} products`, `at most ${mostOthers}`);
  const others = rest.map(readOther);
  const names = others.map(({ name, inputs, outputs }) => `${name}:${inputs}x${outputs}`);
  const twice = names.find((name, k) => names.indexOf(name) < k);
  if (twice !== undefined) throw wrong(`${twice} twice`, 'each product once');
  return { set: setOf(set), others };

  function wrong(found: string, allowed: string): HearsayError {
    return new HearsayError('CONFIG_RANGE', `${where}: found ${found}, allowed is ${allowed}`);
  }

  function setOf(name: string): SetName {
    if ((sets as readonly string[]).includes(name)) return name as SetName;
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(name)}, allowed is auto | ${sets.join(' | ')}${suggestion(name, ['auto', ...sets])}`,
    );
  }

  function readOther(part: string): Plan['others'][number] {
    const match = /^(forward|backward|accumulate):([1-9]\d{0,6})x([1-9]\d{0,6})=(\w+)$/.exec(part);
    if (match) return { name: match[1] as Product['name'], inputs: +match[2], outputs: +match[3], set: setOf(match[4]) };
    throw wrong(quote(part), 'behind the first comma PRODUCT:INPUTSxOUTPUTS=SET, as forward:784x128=blas');
  }
}

export function isPlan(text: string): boolean {
  try {
    return readPlan(text) !== undefined;
  } catch {
    return false;
  }
}

export function writePlan({ set, others }: Plan): string {
  const parts = others.map(({ name, inputs, outputs, set }) => `${name}:${inputs}x${outputs}=${set}`);
  return [set, ...parts].join(',');
}

/** The kernels of `first`, but for products that others take. `open` gives the kernels of a set on the same memory. */
export function combined(first: Kernels, { others }: Plan, open: (set: SetName) => Kernels): Kernels {
  if (others.length === 0) return first;
  const opened = new Map<SetName, Kernels>([[first.name, first]]);
  const kernelsOf = (set: SetName) => {
    let kernels = opened.get(set);
    if (!kernels) opened.set(set, (kernels = open(set)));
    return kernels;
  };
  const keyOf = (inputs: number, outputs: number) => inputs * 2 ** 24 + outputs;
  const takers = (name: Product['name']) =>
    new Map(others.filter(one => one.name === name).map(({ inputs, outputs, set }) => [keyOf(inputs, outputs), kernelsOf(set)]));
  const [forward, backward, accumulate] = productNames.map(takers);
  return {
    ...first,
    forward: (y, x, weights, bias, rows, inputs, outputs, work) =>
      (forward.get(keyOf(inputs, outputs)) ?? first).forward(y, x, weights, bias, rows, inputs, outputs, work),
    backward: (dx, dy, weights, rows, inputs, outputs, work) =>
      (backward.get(keyOf(inputs, outputs)) ?? first).backward(dx, dy, weights, rows, inputs, outputs, work),
    accumulate: (weights, bias, x, dy, rows, inputs, outputs, keep, work) =>
      (accumulate.get(keyOf(inputs, outputs)) ?? first).accumulate(weights, bias, x, dy, rows, inputs, outputs, keep, work),
  };
}
