/**
 * Who comes and goes: an endless list of events, or one that was written down. Nothing needs a state but the number of the
 * next.
 */

import { decimal } from '../decimal.js';
import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { exponential, source, uniform } from '../random.js';
import { type Named, numeric, readSettings } from '../settings.js';
import { parseSpec, quote, type Spec } from '../spec.js';
import { eachLine } from '../text.js';
import { readTrace } from './trace.js';

/**
 * A node joins; or it leaves, after the piece of work in its hand is committed and half of its model given to a partner; or it is gone from
 * one moment to the next, with both. See population.ts.
 */
export type ChurnKind = 'join' | 'leave' | 'crash';

/** Events number k = 0, 1, 2 ...: pure functions of k. */
export interface Churn {
  readonly name: string;
  /** Seconds, ascending; Infinity behind the last. Cheap for the neighbours of the k that was asked for last. */
  time(k: number): number;
  kind(k: number): ChurnKind;
  /** The node, in a trace; -1 where it is to be chosen by `draw` (of those that leave or crash), or is the first that is free. */
  node(k: number): number;
  /** Uniform in [0, 1): chooses the node among those that can join, or leave. */
  draw(k: number): number;
}

export interface ChurnSetting {
  readonly seed: number;
  /** Nodes at the start, the lowest; rows that may ever be nodes: the bound of the nodes in a trace. */
  readonly nodes: number;
  readonly capacity: number;
  /** Gives the text of a trace file. */
  readonly read?: (path: string) => string;
}

/** What may be written for churn, for help texts and errors. */
export const churnSyntax = 'none | rates:join=R,leave=R,crash=R | trace:FILE';

const perSecond = { min: 0, max: 1e9 };
const settings = {
  join: numeric('newcomers a second, over the whole network', perSecond, 0),
  leave: numeric('nodes that leave a second: their work is committed, and averaged into the model of a partner', perSecond, 0),
  crash: numeric('nodes that are gone a second, and their work with them', perSecond, 0),
};

/** What may be asked for, for help texts. */
export const churns: readonly Named[] = [
  { form: 'none', about: 'all stay', settings: {} },
  { form: 'rates', about: 'at random times', settings },
  { form: 'trace:FILE', about: "from a file of lines 'time kind node'", settings: {} },
];

/**
 * The churn that `text` names (see `churnSyntax`): Poisson events with the given rates, events a second over the whole network, or a file
 * of lines `time kind node` in the order of time, each of which can be: nobody joins twice, who goes is there, and the last node stays.
 * Throws CONFIG_RANGE or CONFIG_UNKNOWN_KEY (name, settings), and for a trace DATA_NOT_FOUND, DATA_CORRUPT, DATA_NONFINITE, DATA_TOO_SMALL
 * or DATA_TOO_LARGE.
 */
export function openChurn(text: string, setting: ChurnSetting, where = 'churn'): Churn {
  if (/^trace(:|$)/.test(text)) return traced(text, setting, where);
  const spec = parseSpec(text, where);
  if (spec.name === 'rates') return poisson(text, spec, setting.seed, where);
  if (spec.name === 'none') {
    readSettings(spec, {}, where);
    return { name: text, time: () => Number.POSITIVE_INFINITY, kind: () => 'join', node: () => -1, draw: () => 0 };
  }
  const hint = suggestion(spec.name, ['none', 'rates', 'trace']);
  throw new HearsayError('CONFIG_RANGE', `${where}: found ${quote(text)}, allowed is ${churnSyntax}${hint}`);
}

function poisson(name: string, spec: Spec, seed: number, where: string): Churn {
  const { join, leave, crash } = readSettings(spec, settings, where);
  const total = join + leave + crash;
  if (total === 0) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(name)}, all rates 0; allowed is one above 0, as in rates:crash=0.1, or none`,
    );
  }
  const gaps = source(seed, 'churn gaps');
  const choices = source(seed, 'churn kinds');
  const draws = source(seed, 'churn nodes');
  const times = sums(k => exponential(gaps, 0, k) / total);
  return {
    name,
    time: times,
    kind(k) {
      const choice = uniform(choices, 0, k) * total;
      if (choice < join) return 'join';
      return choice < join + leave ? 'leave' : 'crash';
    },
    node: () => -1,
    draw: k => uniform(draws, 0, k),
  };
}

/**
 * term(0) + ... + term(k) as a function of k, always added up in the same order; a block of sums is kept, and the sum before
 * each block.
 */
function sums(term: (k: number) => number): (k: number) => number {
  const block = new Float64Array(256);
  const before = [0];
  let held = -1;
  const hold = (wanted: number) => {
    let sum = before[wanted];
    for (let i = 0; i < block.length; i++) block[i] = sum += term(wanted * block.length + i);
    before[wanted + 1] = sum;
    held = wanted;
  };
  return k => {
    const wanted = Math.floor(k / block.length);
    while (before.length <= wanted) hold(before.length - 1);
    if (held !== wanted) hold(wanted);
    return block[k - wanted * block.length];
  };
}

const kinds: readonly ChurnKind[] = ['join', 'leave', 'crash'];
/** Most events of a trace. */
const most = 2 ** 22;

function traced(name: string, setting: ChurnSetting, where: string): Churn {
  const { read = path => readTrace(path, "lines 'time kind node'") } = setting;
  const path = name.slice(6);
  if (path === '')
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found no file, allowed is trace:FILE; name a file of lines 'time kind node'`,
    );
  const { times, kindsOf, nodes } = parseChurn(read(path), `${where}: trace ${path}`, setting);
  return {
    name,
    time: k => (k < times.length ? times[k] : Number.POSITIVE_INFINITY),
    kind: k => kinds[kindsOf[k] ?? 0],
    node: k => nodes[k] ?? -1,
    draw: () => 0,
  };
}

function parseChurn(text: string, name: string, { nodes: initially, capacity }: ChurnSetting) {
  const live = new Set(Array.from({ length: initially }, (_, node) => node));
  const times: number[] = [];
  const kindsOf: number[] = [];
  const nodes: number[] = [];
  eachLine(text, (line, number) => {
    const fields = line.split(/\s+/);
    const refuse = (allowed: string, code: 'DATA_CORRUPT' | 'DATA_NONFINITE' = 'DATA_CORRUPT') =>
      new HearsayError(
        code,
        `${name}, line ${number}: found ${quote(line)}, allowed is ${allowed}; correct the line or remove it`,
      );
    if (fields.length !== 3) throw refuse("time kind node, as in '1.5 crash 3'");
    const time = decimal(fields[0]);
    const kind = kinds.indexOf(fields[1] as ChurnKind);
    const node = decimal(fields[2], true);
    if (/^[+-]?(nan|inf(inity)?)$/i.test(fields[0])) throw refuse('a finite time', 'DATA_NONFINITE');
    if (!(time >= 0 && time <= 1e12)) throw refuse('a time from 0 to 1e12 seconds');
    if (times.length > 0 && time < times[times.length - 1])
      throw refuse(`a time from ${times[times.length - 1]}, that of the line before`);
    if (kind < 0) throw refuse(`a kind of ${kinds.join(' | ')}`);
    if (!(node >= 0 && node < capacity)) throw refuse(`a node from 0 to ${capacity - 1}`);
    if (times.length === most)
      throw new HearsayError('DATA_TOO_LARGE', `${name}: more than ${most} events, allowed are ${most}; take a part of it`);
    const joins = kinds[kind] === 'join';
    if (live.has(node) === joins) throw refuse(`a node that is ${joins ? 'not there yet' : 'there'}`);
    if (!joins && live.size === 1) throw refuse('any but the last node: a network of nobody has no model');
    if (joins) live.add(node);
    else live.delete(node);
    times.push(time);
    kindsOf.push(kind);
    nodes.push(node);
  });
  if (times.length === 0)
    throw new HearsayError(
      'DATA_TOO_SMALL',
      `${name}: found no event, allowed is 'time kind node' on each line; write none for no churn`,
    );
  return { times: Float64Array.from(times), kindsOf: Uint8Array.from(kindsOf), nodes: Int32Array.from(nodes) };
}
