/** A built-in algorithm: a factory that knows what it is, and reads its settings strictly. */

import { readNumber } from '../../decimal.js';
import { HearsayError } from '../../errors.js';
import { logarithm } from '../../logarithm.js';
import { numeric, readSettings, type Setting, type Settings, type Values } from '../../settings.js';
import type { Algorithm, AlgorithmFactory, Setting as Circumstances, World } from '../algorithm.js';
import { rateSyntax, readRate } from '../rate.js';
import type { Description } from './description.js';

export interface BuiltIn extends AlgorithmFactory, Description {
  /** `where` names the option in messages. */
  (options: Readonly<Record<string, string>>, setting: Circumstances, where?: string): Algorithm;
}

/** The algorithm `name` of table.ts, as `description` says; `build` gets the values of its settings. */
export function builtIn<Table extends Settings>(
  { name, ...description }: Description<Table> & { readonly name: string },
  build: (values: Values<Table>, setting: Circumstances, where: string) => Algorithm,
): BuiltIn {
  const factory = (options: Readonly<Record<string, string>>, setting: Circumstances, where = 'algorithm') => {
    const given =
      'steps' in description.settings && setting.steps !== undefined ? { steps: String(setting.steps), ...options } : options;
    return build(readSettings({ name, args: [], options: given }, description.settings, where), setting, `${where}: ${name}`);
  };
  return Object.assign(factory, description);
}

/** How many local steps a piece of work of the node has. */
export type Steps = (node: number, world: World) => number;

const wholeSteps = { whole: true, min: 1, max: 1e6 };
const meanSteps = { min: 1, max: 1e6 };

/** Local steps of a piece of work: a whole number, or `geometric:MEAN`, drawn anew for each piece. */
export function steps(otherwise: number): Setting<Steps> {
  return {
    about: 'local steps of a piece of work',
    range: 'a whole number from 1 to 1000000, or geometric:MEAN',
    otherwise: () => otherwise,
    fallback: String(otherwise),
    read(text, where) {
      const [, geometric, number] = /^(geometric:)?(.*)$/s.exec(text)!;
      const value = readNumber(number, geometric ? meanSteps : wholeSteps, `${where} (a number, or geometric:MEAN)`);
      if (!geometric || value === 1) return () => value;
      // 1 + floor(log(u) / log(1 - 1/H)) is geometric on 1, 2, ... with mean H.
      const base = logarithm(1 - 1 / value);
      return (node, world) => 1 + Math.floor(logarithm(world.random(node, 'steps') + 2 ** -33) / base);
    },
  };
}

/** Exchanges that a node starts a second of virtual time (live: a finished piece of work), as a function of the number of nodes. */
export function rate(otherwise: string): Setting<(nodes: number) => number> {
  return {
    about: 'exchanges that a node starts a second (live: a finished piece); log is ln n',
    range: `${rateSyntax}, above 0`,
    otherwise: nodes => readRate(otherwise, nodes),
    fallback: otherwise,
    read: (text, where) => nodes => readRate(text, nodes, where),
  };
}

/** Throws CONFIG_RANGE, naming `where`, for an optimizer that divides gradients by their size: with it `what` would not do what it says. */
export function requireSgd(
  { optimizer = 'sgd' }: Pick<Circumstances, 'optimizer'>,
  where: string,
  what: string,
  why: string,
): void {
  if (optimizer === 'sgd') return;
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: found ${what} with --optimizer ${optimizer}: ${why}; take --optimizer sgd:rate=R, or leave it out`,
  );
}

export const weight = numeric("weight of the partner's model in an average", { min: 0, max: 1 }, 0.5);
