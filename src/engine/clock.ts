/** When a node acts: how long each of its pieces of work takes, or the time between two ticks. */

import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { below, source } from '../random.js';
import { type Named, readSettings } from '../settings.js';
import { parseSpec, quote } from '../spec.js';
import { type Law, type LawName, lawSyntax, laws, type NamedLaw } from './law.js';
import { parseTrace, readTrace } from './trace.js';

export interface Clock {
  /** As it was written. */
  readonly name: string;
  /** Of a node of speed 1: E[D] in seconds, and E[D^2] (Infinity where it has none). */
  readonly mean: number;
  readonly secondMoment: number;
  /** Seconds, > 0: duration number `k` of `node`. A pure function, so a seed replays a run whoever asks, in whatever order. */
  duration(node: number, k: number): number;
}

export interface ClockSetting {
  readonly seed: number;
  /** Keeps clocks of one seed apart: 'work', 'gossip'. */
  readonly purpose: string;
  /** How many times as fast as the clock says each node is; all 1 when left out. See speeds. */
  readonly speeds?: Float64Array;
  /** Gives the text of a trace file. */
  readonly read?: (path: string) => string;
}

/** What may be written for a clock, for help texts and errors. */
export const clockSyntax = `${lawSyntax} | trace:FILE`;

/** What may be asked for, for help texts. */
export const clocks: readonly Named[] = [
  ...Object.values(laws),
  { form: 'trace:FILE', about: 'durations from a file, one a line, in seconds', settings: {} },
  { form: 'edges', about: 'one random edge an event, both ends at once', settings: {} },
];

/**
 * The clock that `text` names (see `clockSyntax`). A trace is a file of one duration a line, in seconds; each node begins at a
 * line drawn for it and goes round. Throws CONFIG_RANGE or CONFIG_UNKNOWN_KEY (name, settings), and for a trace DATA_NOT_FOUND,
 * DATA_CORRUPT, DATA_NONFINITE, DATA_TOO_SMALL or DATA_TOO_LARGE; `where` names the clock in messages.
 */
export function openClock(text: string, setting: ClockSetting, where = 'clock'): Clock {
  const { mean, secondMoment, sample } = /^trace(:|$)/.test(text) ? traced(text.slice(6), setting, where) : lawOf(text, where);
  const draws = source(setting.seed, `clock ${setting.purpose}`);
  const paces = setting.speeds?.map(speed => 1 / speed);
  const duration = paces
    ? (node: number, k: number) => paces[node] * sample(draws, node, k)
    : (node: number, k: number) => sample(draws, node, k);
  return { name: text, mean, secondMoment, duration };
}

function lawOf(text: string, where: string): Law {
  const spec = parseSpec(text, where);
  if (!Object.hasOwn(laws, spec.name)) {
    const hint = suggestion(spec.name, [...Object.keys(laws), 'trace', 'edges']);
    throw new HearsayError('CONFIG_RANGE', `${where}: found ${quote(text)}, allowed is ${clockSyntax} | edges${hint}`);
  }
  const law: NamedLaw = laws[spec.name as LawName];
  return law.open(readSettings(spec, law.settings, where));
}

function traced(path: string, setting: ClockSetting, where: string): Law {
  const { read = path => readTrace(path, 'one positive number a line') } = setting;
  if (path === '')
    throw new HearsayError('CONFIG_RANGE', `${where}: found no file, allowed is trace:FILE; name a file of durations`);
  const values = parseTrace(read(path), `${where}: trace ${path}`);
  const count = values.length;
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const sample: Law['sample'] = (source, node, draw) => values[(below(source, node, 0, count) + draw) % count];
  return { mean: sum / count, secondMoment: squares / count, sample };
}
