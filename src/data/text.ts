/**
 * A text as data: its characters are numbered, and a row is a window of them, in which each predicts the next. Windows begin every
 * `context` characters and have one more, so neighbours share one and each character but the first is predicted once.
 */

import { HearsayError } from '../errors.js';
import { numeric } from '../settings.js';
import type { Dataset, Split } from './dataset.js';

/** Most different characters: a token is a byte. */
const mostCharacters = 256;
/** Part of the text, its end, that is for tests. */
const testPart = 0.1;

/** What `text:FILE` may be followed by. */
export const textSettings = {
  context: numeric('characters that the next is predicted from', { whole: true, min: 1, max: 65_535 }, 64),
};

/**
 * Tokens are the characters (code points) of the UTF-8 text in ascending order. Inputs are bytes that stand for themselves: rows x
 * (context + 1) tokens; the target of a row is its last one. The end of the text is the test set: no window reaches into both parts.
 * Throws DATA_CORRUPT (offset) for what is no UTF-8, DATA_TOO_LARGE (offset) for more than 256 different characters, DATA_TOO_SMALL
 * when a part has no whole window, DATA_LABEL for a text of one character over and over. With `part` 0 both are the whole text.
 */
export function textSplit(bytes: Uint8Array, name: string, context: number, part = testPart): Split {
  const { tokens, vocabulary } = tokenized(bytes, name);
  const cut = tokens.length - Math.floor(tokens.length * part);
  const windows = (what: string, tokens: Uint8Array) => {
    if (tokens.length > context) return windowed(`${name}${what}`, tokens, context, vocabulary);
    const found = `${tokens.length} characters${what || (part === 0 ? '' : ' to train on')}, of ${bytes.length} bytes`;
    throw new HearsayError(
      'DATA_TOO_SMALL',
      `${name}: found ${found}, needed are context + 1 = ${context + 1}; give a longer text or a smaller context`,
    );
  };
  const train = windows('', tokens.subarray(0, cut));
  return { train, test: part === 0 ? train : windows(' (test)', tokens.subarray(cut)) };
}

function windowed(name: string, tokens: Uint8Array, context: number, vocabulary: readonly string[]): Dataset {
  const features = context + 1;
  const rows = Math.floor((tokens.length - 1) / context);
  const inputs = new Uint8Array(rows * features);
  const targets = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    inputs.set(tokens.subarray(row * context, row * context + features), row * features);
    targets[row] = tokens[(row + 1) * context];
  }
  const unit = { scale: 1, shift: 0 };
  const classes = vocabulary.length;
  return { name, rows, features, inputs, ...unit, shape: [features], targets, classes, categories: [classes], vocabulary };
}

function tokenized(bytes: Uint8Array, name: string): { tokens: Uint8Array; vocabulary: readonly string[] } {
  const points = new Set<number>();
  let count = 0;
  decode(bytes, name, (point, offset) => {
    count++;
    if (points.has(point)) return;
    if (points.size === mostCharacters) {
      const found = `${JSON.stringify(String.fromCodePoint(point))}, different character number ${mostCharacters + 1}`;
      throw new HearsayError(
        'DATA_TOO_LARGE',
        `${name}: offset ${offset}: found ${found}, allowed are ${mostCharacters}, as a token is a byte; give a text with fewer, in one script`,
      );
    }
    points.add(point);
  });
  const sorted = [...points].sort((a, b) => a - b);
  if (sorted.length === 1) {
    const found = `${JSON.stringify(String.fromCodePoint(sorted[0]))} over and over`;
    throw new HearsayError('DATA_LABEL', `${name}: found ${found}, needed are two different characters; give another text`);
  }
  const numbers = new Map(sorted.map((point, k) => [point, k]));
  const tokens = new Uint8Array(count);
  let next = 0;
  decode(bytes, name, point => {
    tokens[next++] = numbers.get(point)!;
  });
  return { tokens, vocabulary: sorted.map(point => String.fromCodePoint(point)) };
}

/** Hands out each code point with its offset; a byte order mark at the start is left out. */
function decode(bytes: Uint8Array, name: string, take: (point: number, offset: number) => void): void {
  for (let at = 0, length = 0; at < bytes.length; at += length) {
    const lead = bytes[at];
    length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let point = length === 1 ? lead : lead & (0x7f >> length);
    let isWhole = length === 1 || (lead >= 0xc2 && lead <= 0xf4);
    for (let k = 1; k < length; k++) {
      isWhole &&= (bytes[at + k] & 0xc0) === 0x80;
      point = point * 64 + (bytes[at + k] & 0x3f);
    }
    if (!isWhole || (length > 2 && point < least[length]) || (point >= 0xd800 && point < 0xe000) || point > 0x10ffff) {
      const found = `byte 0x${lead.toString(16).padStart(2, '0')}`;
      throw new HearsayError(
        'DATA_CORRUPT',
        `${name}: offset ${at}: found ${found}, which begins no UTF-8 character; give a text in UTF-8`,
      );
    }
    if (point !== 0xfeff || at > 0) take(point, at);
  }
}

/** The first code point that needs so many bytes. */
const least = [0, 0, 0x80, 0x800, 0x10000];
