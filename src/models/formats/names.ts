/**
 * From the tensors of a file to the flat vector of a model: under our names or those of PyTorch and Keras, behind a prefix that all have
 * (`model.fc1.weight`), or under the numbers that PyTorch's nn.Sequential gives (`0.weight`, `3.body.1.bias`).
 */

import { HearsayError } from '../../errors.js';
import type { Model } from '../model.js';
import { type Arranged, arranged, type Layout, layouts } from './layout.js';

export interface Held {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly values: ArrayLike<number>;
}

/**
 * The weights that `tensors` hold. Without `layout`, which a file of ours says, it is PyTorch's where those shapes fit, else Keras's or
 * ours. Throws MODEL_MISMATCH, with what was expected and found, unless there is exactly one tensor for each of the model's, in its shape;
 * DATA_NONFINITE for a value that is no finite number.
 */
export function weightsFrom(
  model: Pick<Model, 'name' | 'layers' | 'graph' | 'parameters'>,
  tensors: ReadonlyMap<string, Held>,
  file: string,
  layout?: Layout,
): Float32Array {
  const tried = (layout ? [layout] : model.graph ? layouts : (['hearsay'] as const)).flatMap(layout => {
    const expected = expectedIn(model, layout);
    if (!expected) return [];
    const names = namings(expected, [...tensors.keys()]);
    return names.map(found => ({ expected, found, faults: faultsOf(expected, found, tensors) }));
  });
  const whole = tried.find(({ faults }) => faults.count === 0);
  if (!whole) {
    const [nearest] = tried.sort((a, b) => a.faults.count - b.faults.count);
    const remedy = 'give a file of this model, or the model of this file (--model)';
    throw new HearsayError('MODEL_MISMATCH', `${file}: does not fit the model ${model.name}: ${nearest.faults.text}; ${remedy}`);
  }
  // A vector that is as long as the file's tensors together: what the file has bounds it.
  const weights = new Float32Array(model.parameters);
  for (const [k, tensor] of whole.expected.entries()) {
    const name = whole.found[k]!;
    const { values } = tensors.get(name)!;
    const places = tensor.places();
    for (let i = 0; i < places.length; i++) {
      const value = Math.fround(values[i]);
      if (!Number.isFinite(value)) {
        const found = `value ${i} of ${short(name)} is ${values[i]}`;
        throw new HearsayError(
          'DATA_NONFINITE',
          `${file}: ${found}, allowed are finite numbers of 32 bits; give a model that did not diverge`,
        );
      }
      weights[places[i]] = value;
    }
  }
  return weights;
}

/** Undefined for a layout that this model can't have, unless it is the only one. */
function expectedIn(model: Pick<Model, 'name' | 'layers' | 'graph'>, layout: Layout): Arranged[] | undefined {
  try {
    return arranged(model, layout);
  } catch (error) {
    if (error instanceof HearsayError && layout !== 'hearsay') return undefined;
    throw error;
  }
}

const mostNames = 10_000;
const longestName = 300;

/** For each expected tensor the name in the file, or undefined, in each way in which the names may be meant. */
function namings(expected: readonly Arranged[], names: readonly string[]): (string | undefined)[][] {
  const plain = (prefix: string) => {
    const known = new Set(names);
    return expected.map(({ name }) => (known.has(prefix + name) ? prefix + name : undefined));
  };
  const ways = [plain('')];
  // Names that nobody gives would only take time.
  if (names.length > mostNames || names.some(name => name.length > longestName)) return ways;
  const prefix = commonPrefix(names);
  // The prefix may go on into the names of the model.
  for (let end = prefix.length; end > 0; end = prefix.lastIndexOf('.', end - 2) + 1) ways.push(plain(prefix.slice(0, end)));
  const numbered = numberedOrder(names, prefix);
  if (numbered && numbered.length === expected.length && numbered.every((name, k) => tailOf(name) === tailOf(expected[k].name)))
    ways.push(numbered);
  return ways;
}

/** Parts of names, up to a dot, that all have. */
function commonPrefix(names: readonly string[]): string {
  const [first, ...rest] = names;
  if (first === undefined) return '';
  let end = first.lastIndexOf('.') + 1;
  while (end > 0 && !rest.every(name => name.startsWith(first.slice(0, end)))) end = first.lastIndexOf('.', end - 2) + 1;
  return first.slice(0, end);
}

const tails = [
  'weight',
  'bias',
  'token.weight',
  'position.weight',
  'in_proj_weight',
  'in_proj_bias',
  'out_proj.weight',
  'out_proj.bias',
];

/** What a layer calls a parameter. */
function tailOf(name: string): string {
  return /(?:^|\.)((?:token|position|out_proj)\.\w+|\w+)$/.exec(name)?.[1] ?? name;
}

/** The names in the order of their numbers; undefined when some have none. */
function numberedOrder(names: readonly string[], prefix: string): string[] | undefined {
  const keys: { name: string; path: string[]; tail: number }[] = [];
  for (const name of names) {
    const tail = tailOf(name);
    const path = name.slice(prefix.length, -tail.length).split('.').slice(0, -1);
    if (!tails.includes(tail) || !path.every(part => /^(\d{1,9}|body|shortcut)$/.test(part))) return undefined;
    keys.push({ name, path, tail: tails.indexOf(tail) });
  }
  return keys.sort((a, b) => comparePaths(a.path, b.path) || a.tail - b.tail).map(({ name }) => name);
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let k = 0; k < Math.min(a.length, b.length); k++) {
    if (a[k] === b[k]) continue;
    const [first, second] = [Number(a[k]), Number(b[k])];
    if (first !== second && !Number.isNaN(first - second)) return first - second;
    return a[k] < b[k] ? -1 : 1;
  }
  return a.length - b.length;
}

interface Faults {
  readonly count: number;
  readonly text: string;
}

function faultsOf(
  expected: readonly Arranged[],
  found: readonly (string | undefined)[],
  tensors: ReadonlyMap<string, Held>,
): Faults {
  const missing: string[] = [];
  const shapes: string[] = [];
  for (const [k, { name, shape }] of expected.entries()) {
    const there = found[k];
    if (there === undefined) missing.push(`${name} ${sides(shape)}`);
    else if (tensors.get(there)!.shape.join() !== shape.join())
      shapes.push(`${short(there)} of ${sides(tensors.get(there)!.shape)} where ${sides(shape)} is expected`);
  }
  const taken = new Set(found);
  const extra = [...tensors].filter(([name]) => !taken.has(name)).map(([name, { shape }]) => `${short(name)} ${sides(shape)}`);
  const parts = [
    ['found ', shapes],
    ['missing ', missing],
    ['not expected ', extra],
  ] as const;
  const text = parts.filter(([, list]) => list.length > 0).map(([what, list]) => what + some(list));
  // Half a fault for a name that would fit in another shape.
  return { count: missing.length + extra.length + 0.5 * shapes.length, text: text.join(', ') };
}

function some(list: readonly string[]): string {
  return list.slice(0, 4).join(', ') + (list.length > 4 ? ` and ${list.length - 4} more` : '');
}

function sides(shape: readonly number[]): string {
  return `[${shape.slice(0, 8).join(', ')}${shape.length > 8 ? ', ...' : ''}]`;
}

function short(name: string): string {
  return JSON.stringify(name.slice(0, 60)).slice(1, -1);
}
