/** How fast each node is. */

import { HearsayError } from '../errors.js';
import { exp } from '../exponential.js';
import { suggestion } from '../nearest.js';
import { normal, source, uniform } from '../random.js';
import { type Named, numeric, readSettings, type Settings, type Values } from '../settings.js';
import { parseSpec, quote } from '../spec.js';
import { readText } from '../text.js';
import { parseTrace } from './trace.js';

/** What may be written for speeds, for help texts and errors. */
export const speedsSyntax = 'same | uniform:spread=S | lognormal:sigma=S | FILE';

const uniformly = { spread: numeric('speeds from 1 - S to 1 + S', { min: 0, below: 1 }, 0.5) };
const lognormally = { sigma: numeric('deviation of the logarithm', { min: 0, max: 3 }, 0.5) };

/** What may be asked for, for help texts. */
export const speedLaws: readonly Named[] = [
  { form: 'same', about: 'all nodes alike', settings: {} },
  { form: 'uniform', about: 'uniform around 1', settings: uniformly },
  {
    form: 'lognormal',
    about: 'exp of a normal; 1 in expectation, but few nodes with a large sigma may all be slow',
    settings: lognormally,
  },
  { form: 'FILE', about: 'one positive number a line, in any unit', settings: {} },
];

/**
 * The speed of each of `nodes` nodes: a node of speed 2 does twice the work of a node of speed 1 in the same time. A drawn speed is a
 * function of (seed, node) alone, with expectation 1: the mean of those drawn is near that only where they are many or spread little (16
 * with sigma=3 may have a mean of 0.2). Those of a file (one positive number a line, in any unit, for at least so many nodes) are divided
 * by their mean, so that the rate of the whole network is that of equal nodes. Throws CONFIG_RANGE or CONFIG_UNKNOWN_KEY (name, settings),
 * and for a file DATA_NOT_FOUND, DATA_CORRUPT, DATA_NONFINITE, DATA_TOO_SMALL, DATA_TOO_LARGE.
 */
export function openSpeeds(
  text: string,
  nodes: number,
  seed: number,
  read = (path: string) => readText(path, 'speeds', 'one positive number a line'),
  where = 'speeds',
): Float64Array {
  const name = text.split(':', 1)[0];
  const draws = source(seed, 'speeds');
  if (name === 'same') {
    setting(text, {}, where);
    return new Float64Array(nodes).fill(1);
  }
  if (name === 'uniform') {
    const { spread } = setting(text, uniformly, where);
    return Float64Array.from({ length: nodes }, (_, node) => 1 + spread * (2 * uniform(draws, node, 0) - 1));
  }
  if (name === 'lognormal') {
    const { sigma } = setting(text, lognormally, where);
    return Float64Array.from({ length: nodes }, (_, node) => exp(sigma * (normal(draws, node, 0) - 0.5 * sigma)));
  }
  if (/[./\\]/.test(name)) return measured(read(text), nodes, `${where}: ${text}`);
  const hint = suggestion(name, ['same', 'uniform', 'lognormal']);
  throw new HearsayError(
    'CONFIG_RANGE',
    `${where}: found ${quote(text)}, allowed is ${speedsSyntax} (./ before a bare file name)${hint}`,
  );
}

function setting<Table extends Settings>(text: string, table: Table, where: string): Values<Table> {
  return readSettings(parseSpec(text, where), table, where);
}

function measured(text: string, nodes: number, name: string): Float64Array {
  const values = parseTrace(text, name).subarray(0, nodes);
  if (values.length < nodes) {
    throw new HearsayError(
      'DATA_TOO_SMALL',
      `${name}: found ${values.length} speeds, allowed are ${nodes} or more, one for each node`,
    );
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / nodes;
  return values.map(value => value / mean);
}
