/**
 * Every number that any command takes, found in its own help and in the table of names: what is no plain decimal is refused, whatever
 * JavaScript would take it for. A new option is in here by itself.
 */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { catalogue } from '../../src/cli/appendix.js';
import { parseExperiment } from '../../src/engine/experiment.js';
import { options } from '../../src/engine/options.js';
import { HearsayError } from '../../src/errors.js';
import { cases } from '../support/cases.js';
import { play } from './stage.js';

/** No numbers for anybody. */
const odd = [
  '',
  ' ',
  'NaN',
  'nan',
  'Infinity',
  '-Infinity',
  'inf',
  '0x10',
  '0b11',
  '0o17',
  '1_000',
  '1,5',
  '1 000',
  ' 1',
  '1 ',
  '\t1',
  '1\n',
];
odd.push(
  '1n',
  '--1',
  '+-1',
  '1e',
  'e1',
  '1e1e1',
  '1.2.3',
  '.',
  '-',
  '+',
  '١',
  '１',
  '½',
  '1e999',
  '-1e999',
  'null',
  'true',
  '[]',
  '1;2',
  '1\u00a0',
);
/** No whole numbers. */
const broken = ['1e3', '2.5', '1.0', '1e0', '.5', '9007199254740993', '99999999999999999999'];

interface Flag {
  readonly command: string;
  readonly flag: string;
  readonly whole: boolean;
}

/** Words that a command must have before its options are looked at. */
const operands: Readonly<Record<string, readonly string[]>> = {
  ...{
    compare: ['swarm', 'adpsgd'],
    replay: ['none'],
    reproduce: ['R1'],
    evaluate: ['none'],
    predict: ['none'],
    export: ['none'],
  },
  ...{ report: ['none'], serve: ['none'], algorithms: ['swarm'] },
};

const flags: Flag[] = [];

before(async () => {
  const help = async (...words: string[]) => (await play([...words, '--help'], { columns: 10_000 })).stdout;
  const commands = [...(await help()).matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  for (const command of commands) {
    for (const [, flag, text] of (await help(command)).matchAll(/^ +(--[a-z-]+) [<[].*? \((.*); default .*\)$/gm)) {
      if (/\bnumber\b/.test(text) && !/name, or a number|numbers? of/.test(text))
        flags.push({ command, flag, whole: /a whole number (from|above)/.test(text) && !/Ts/.test(text) });
    }
  }
});

test('the numbers of every command are found in its help', () => {
  const found = new Set(flags.map(({ command, flag }) => `${command} ${flag}`));
  for (const known of [
    'train --nodes',
    'train --evaluate-every',
    'simulate --capacity',
    'serve --port',
    'replay --threads',
    'predict --temperature',
    'reproduce --seed',
  ])
    assert.ok(found.has(known), `${known}: ${[...found].join(', ')}`);
  assert.ok(found.size > 60, String(found.size));
});

test('a flag that takes a number takes no other word', async () => {
  for (const { command, flag, whole } of flags) {
    for (const word of [...odd, ...(whole ? broken : [])]) {
      const { status, stderr, loads, experiments } = await play([command, ...(operands[command] ?? []), `${flag}=${word}`]);
      const said = `${command} ${flag}=${JSON.stringify(word)}: ${stderr}`;
      assert.match(stderr, /^hearsay: CONFIG_RANGE: [^\n]{20,}\n$/, said);
      assert.ok(stderr.includes(flag), said);
      assert.deepEqual([status, experiments.length], [2, 0], said);
      assert.equal(loads, 0, said);
    }
  }
});

/** Each setting of a named thing that is a number: the option, how it is written, and what else it needs. */
const settings = Object.entries(catalogue).flatMap(([option, names]) =>
  names.flatMap(({ form, settings }) =>
    Object.entries(settings).flatMap(([key, { range }]) =>
      /\bnumber\b/.test(range) ? [{ option, form, key, whole: /^a whole number/.test(range), words: range.split(/\W+/) }] : [],
    ),
  ),
);
/** A thing of that form. */
const example = (form: string) =>
  form
    .replace(/\[.*?\]/g, '')
    .replace('FILE', './none')
    .replace('WIDTH,...', '8')
    .replace('LAYER,...', 'fc-8')
    .replace('MODULE', './none.js')
    .replace(/:(RANK|PARAMETERS|UNKNOWNS)/, ':4')
    .replace('LAYERS,HEADS,WIDTH', '1,1,4');

test('a setting that takes a number takes no other word', () => {
  assert.ok(settings.length > 40, String(settings.length));
  for (const { option, form, key, whole, words } of settings) {
    const name = example(form);
    for (const word of [...odd, ...(whole ? broken : [])].filter(word => !/^$|,/.test(word) && !words.includes(word))) {
      const text = `${name}${name.includes(':') ? ',' : ':'}${key}=${word}`;
      refused({ deterministic: true, [option]: text }, /^CONFIG_RANGE: /, key);
    }
  }
});

test('an experiment takes numbers for numbers, and nothing else', () => {
  const numeric = Object.entries(options).filter(([, { placeholder }]) => placeholder === '<n>');
  assert.ok(numeric.length > 10);
  for (const [key] of numeric) {
    for (const value of [true, [], [1], {}, Symbol.iterator, () => 1, 1n, new Date(0)])
      refused({ [key]: value }, /^CONFIG_TYPE: /, key);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 1e300])
      refused({ [key]: value }, /^CONFIG_RANGE: /, key);
  }
});

test('any other text is refused too', () => {
  const plain = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...'0123456789+-.eExXn_, \t'), maxLength: 8 }),
  );
  fc.assert(
    fc.property(text, word => {
      fc.pre(!plain.test(word) && !/^[^,]*[^\d.][^,]*s$|epochs$/.test(word) && !word.includes(','));
      if (word !== '') refused({ optimizer: `sgd:rate=${word}` }, /^CONFIG_RANGE: /, 'rate');
      refused({ evaluateEvery: word }, /^CONFIG_RANGE: /, 'evaluateEvery');
    }),
    cases(1000),
  );
});

function refused(input: object, expected: RegExp, ...names: string[]): void {
  let error: unknown;
  try {
    parseExperiment(input);
  } catch (caught) {
    error = caught;
  }
  const shown = Object.entries(input)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join();
  assert.ok(error instanceof HearsayError, `${shown}: ${(error as Error | undefined)?.stack ?? 'accepted'}`);
  const said = `${error.code}: ${error.message}`;
  assert.match(said, expected, shown);
  assert.ok(!said.includes('\n') && names.every(name => said.includes(name)), `${shown}: ${said}`);
}
