/** Data that need no file, by name: the embedded digits and regressions that are drawn. */

import { readNumber } from '../decimal.js';
import type { Named } from '../settings.js';
import type { Split } from './dataset.js';
import { digits } from './digits.js';
import { namedSynthetic, readSynthetic, synthetic } from './synthetic.js';

/** What may be asked for, for help texts. */
export const drawnData: readonly Named[] = [
  { form: 'digits[:ROWS]', about: 'handwritten-like digits, 20,000 rows to train on, a fifth of them to test on', settings: {} },
  namedSynthetic,
  { form: 'none', about: 'no data: for models that need none', settings: {} },
];

/** The names, for suggestions. */
export const drawnNames = ['digits', 'synthetic', 'none'];

/**
 * How to draw the data that `text` names from a seed; undefined when it names none, so that it must be a file. `where` names the option
 * in messages. Throws CONFIG_RANGE, CONFIG_UNKNOWN_KEY, CONFIG_TYPE and DATA_TOO_LARGE for wrong settings.
 */
export function drawn(text: string, where = 'data'): ((seed: number) => Split) | undefined {
  if (text === 'digits') return seed => digits(seed);
  if (text.startsWith('digits:')) {
    const rows = readNumber(text.slice('digits:'.length), { whole: true, min: 1, max: 2_000_000 }, `${where}: digits:ROWS`);
    return seed => digits(seed, rows, Math.max(1, Math.round(rows / 5)));
  }
  if (!/^synthetic(:|$)/.test(text)) return undefined;
  const settings = readSynthetic(text, where);
  return seed => synthetic(settings, seed);
}
