import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { checkDataset } from '../../src/data/check.js';
import type { Split } from '../../src/data/dataset.js';
import { holdOut } from '../../src/data/holdout.js';
import { told } from '../../src/data/kinds.js';
import { load } from '../../src/data/load.js';
import { textSplit } from '../../src/data/text.js';
import { fuzz } from '../support/mutation.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-text-'));
after(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const encode = (text: string) => new TextEncoder().encode(text);

/** Windows and vocabulary once more, by strings. */
function naive(text: string, context: number) {
  const characters = [...text];
  const vocabulary = [...new Set(characters)].sort((a, b) => a.codePointAt(0)! - b.codePointAt(0)!);
  const cut = characters.length - Math.floor(characters.length / 10);
  const windows = (part: string[]) => {
    const rows: string[] = [];
    for (let at = 0; at + context < part.length; at += context) rows.push(part.slice(at, at + context + 1).join(''));
    return rows;
  };
  return { vocabulary, train: windows(characters.slice(0, cut)), test: windows(characters.slice(cut)) };
}

function rowsOf({ rows, features, inputs, vocabulary }: Split['train']): string[] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from(inputs.subarray(row * features, (row + 1) * features), token => vocabulary![token]).join(''),
  );
}

const character = fc.oneof(
  fc.constantFrom('a', 'b', ' ', '\n'),
  fc.constantFrom('é', 'ß', '€', '𝄞', '\u{10ffff}', '\ufeff', '\0'),
);

test('windows, vocabulary and the two parts are those of plain strings', () => {
  fc.assert(
    fc.property(fc.array(character, { minLength: 20, maxLength: 200 }), fc.integer({ min: 1, max: 8 }), (list, context) => {
      const text = `a${list.join('')}b`;
      const expected = naive(text, context);
      if (expected.test.length === 0) return;
      const { train, test } = textSplit(encode(text), 'file', context);
      for (const part of [train, test]) checkDataset(part);
      assert.deepEqual(train.vocabulary, expected.vocabulary);
      assert.deepEqual([rowsOf(train), rowsOf(test)], [expected.train, expected.test]);
      assert.deepEqual(
        Array.from(train.targets, token => train.vocabulary![token]),
        expected.train.map(row => [...row].at(-1)),
      );
      assert.deepEqual(
        [train.shape, train.categories, train.classes, train.scale, train.shift, train.standard],
        [[context + 1], [expected.vocabulary.length], expected.vocabulary.length, 1, 0, undefined],
      );
    }),
    { numRuns: 1000 },
  );
});

test('256 different characters fit in a byte, one more does not', () => {
  const of = (count: number) =>
    encode(Array.from({ length: 4 * count }, (_, k) => String.fromCodePoint(0x4e00 + (k % count))).join(''));
  const { train } = textSplit(of(256), 'file', 3);
  assert.deepEqual([train.classes, Math.max(...train.inputs)], [256, 255]);
  checkDataset(train);
  assert.throws(() => textSplit(of(257), 'file', 3), {
    code: 'DATA_TOO_LARGE',
    message: /offset 768: .*number 257, allowed are 256/,
  });
});

test('what is no UTF-8 is refused where it is, as the decoder of the platform refuses it', () => {
  const strict = new TextDecoder('utf-8', { fatal: true });
  const byte = fc.oneof(
    fc.integer({ min: 0, max: 255 }),
    fc.constantFrom(0xc0, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf, 97),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3 }), fc.array(byte, { minLength: 1, maxLength: 6 }), (before, middle) => {
      const bytes = Uint8Array.of(
        ...encode('ab'.repeat(40)),
        ...before.map(value => value & 127),
        ...middle,
        ...encode('ab'.repeat(40)),
      );
      let isText = true;
      try {
        strict.decode(bytes);
      } catch {
        isText = false;
      }
      if (isText) textSplit(bytes, 'file', 2);
      else
        assert.throws(() => textSplit(bytes, 'file', 2), {
          code: 'DATA_CORRUPT',
          message: /offset (7\d|8\d): found byte 0x[0-9a-f]{2}/,
        });
    }),
    { numRuns: 5000 },
  );
});

test('too little text, or the same character over and over, is refused by name', () => {
  const long = encode('ab'.repeat(50));
  assert.throws(() => textSplit(long, 'file', 10), {
    code: 'DATA_TOO_SMALL',
    message: /10 characters \(test\).*context \+ 1 = 11/,
  });
  textSplit(long, 'file', 9);
  assert.throws(() => textSplit(encode('aaaaaaaaaaaaaa'), 'file', 1), { code: 'DATA_LABEL', message: /over and over/ });
});

test('damaged text gives a value or an error with a code', () => {
  const files = ['to be or not to be '.repeat(5), 'naïve 𝄞€ß '.repeat(8)].map(encode);
  const refused = fuzz(
    files,
    7,
    bytes => textSplit(bytes, 'fuzz', 4),
    ({ train, test }) => {
      checkDataset(train);
      checkDataset(test);
    },
  );
  assert.ok(refused > 0);
});

test('text:FILE and its context; a path may hold colons and commas', () => {
  assert.deepEqual(told('text:a.txt'), { kind: 'text', path: 'a.txt', context: undefined });
  assert.deepEqual(told('text:C:/x,y=z/a.txt,context=128'), { kind: 'text', path: 'C:/x,y=z/a.txt', context: 128 });
  assert.deepEqual(told('ratings:u.data'), { kind: 'ratings', path: 'u.data' });
  assert.equal(told('texts:a'), undefined);
  for (const [text, code] of [
    ['text:a,context=0', 'CONFIG_RANGE'],
    ['text:a,context=1e3', 'CONFIG_RANGE'],
    ['text:a,contxt=4', 'CONFIG_UNKNOWN_KEY'],
    ['text:a,context=4,context=5', 'CONFIG_TYPE'],
    ['ratings:a,context=4', 'CONFIG_UNKNOWN_KEY'],
    ['text:', 'CONFIG_RANGE'],
  ])
    assert.throws(() => told(text), { code }, text);
});

test('a .txt file is text, any file is with text:, and tables in .txt files stay tables', async () => {
  const poem = file('poem.txt', 'To be, or not to be: that is the question.\n'.repeat(20));
  const { train, test } = await load(poem);
  assert.deepEqual([train.shape, train.inputs instanceof Uint8Array, train.standard], [[65], true, undefined]);
  assert.deepEqual([train.rows, test.rows], [12, 1]);
  assert.equal((await load(`text:${poem},context=8`)).train.features, 9);
  assert.equal((await load(poem, { context: 16 })).train.features, 17);
  assert.equal((await load(`text:${poem},context=8`, { context: 16 })).train.features, 9);
  assert.equal((await load(file('poem.txt.gz', gzipSync('to be or not '.repeat(90))))).train.features, 65);
  assert.equal((await load(`text:${file('code.csv', 'a,b\n1,2\n'.repeat(200))}`)).train.features, 65);
  assert.deepEqual((await load(file('table.txt', '1,2,0\n3,4,1\n5,7,0\n'))).train.shape, [2]);
  assert.deepEqual((await load(file('sparse.txt', '1 1:2\n-1 2:1\n1 1:3\n'))).train.shape, [2]);
  for (const standardize of ['features', 'whole'] as const)
    await assert.rejects(load(poem, { standardize }), { code: 'CONFIG_RANGE', message: /standardize: .*numbers of things/ });
  await assert.rejects(load(poem, { test: poem }), { code: 'CONFIG_RANGE' });
  await assert.rejects(load(`text:${poem}`, { target: '1' }), { code: 'CONFIG_RANGE' });
  await assert.rejects(load('text:nowhere'), { code: 'DATA_NOT_FOUND' });
  const held = holdOut(train, 0.2, 1);
  assert.deepEqual([held.train.vocabulary, held.test.categories], [train.vocabulary, train.categories]);
});

const path = resolve('../shared/data/text/tinyshakespeare.txt');
const skip = existsSync(path) ? false : `there is no ${path}`;

test('tiny shakespeare: 65 characters, a million of them', { skip }, async () => {
  const { train, test } = await load(path);
  assert.deepEqual([train.classes, train.features, train.vocabulary!.slice(0, 3).join('')], [65, 65, '\n !']);
  assert.deepEqual([train.rows, test.rows], [Math.floor(1_003_854 / 64), Math.floor(111_538 / 64)]);
  assert.ok(rowsOf(train)[0].startsWith('First Citizen:\nBefore we proceed'));
  assert.equal(rowsOf(train)[0].at(-1), rowsOf(train)[1][0], 'neighbours share a character');
});
