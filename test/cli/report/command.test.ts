/** The command line that a report prints, read by a real shell and by the program, gives the same experiment again. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { commandLine, wordsOf } from '../../../src/cli/report/command.js';
import { type ExperimentInput, parseExperiment } from '../../../src/engine/experiment.js';
import type { Option } from '../../../src/engine/option.js';
import { options } from '../../../src/engine/options.js';
import { cases } from '../../support/cases.js';
import { liveExperiment, virtualExperiment } from '../../support/experiments.js';
import { play } from '../stage.js';

/** What bash makes of a line: its words. */
function shell(line: string): string[] {
  const { stdout, stderr } = spawnSync('bash', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  assert.equal(stderr, '');
  return stdout.split('\0').slice(0, -1);
}

const hostile = fc.oneof(
  fc.constantFrom(
    "it's",
    '$HOME',
    '`id`',
    '--nodes',
    '-x',
    '~',
    'a b',
    '"',
    '\\',
    '!!',
    '*',
    'a\nb',
    "\t'\u0007\\",
    'naïve λ',
    '#',
    '&&',
  ),
  fc.string({ unit: 'grapheme', minLength: 1 }).filter(text => !text.includes('\0')),
);
const positive = fc.double({ min: 1e-9, max: 1e9, noNaN: true });

/** Values of options that the random experiments leave alone. */
const others: fc.Arbitrary<ExperimentInput> = fc.record(
  {
    test: hostile,
    target: hostile,
    validation: fc.double({ min: 0, max: 0.9, noNaN: true }),
    until: fc.oneof(
      fc.record({ metric: fc.constant('loss' as const), value: fc.double({ min: 0, max: 1e9, noNaN: true }) }),
      fc.record({ metric: fc.constant('accuracy' as const), value: fc.double({ min: 1e-6, max: 1, noNaN: true }) }),
    ),
    evaluateEvery: fc.oneof(
      fc.record({ value: positive, unit: fc.constantFrom('seconds' as const, 'epochs' as const) }),
      fc.record({ value: fc.integer({ min: 1, max: 1e9 }), unit: fc.constant('steps' as const) }),
    ),
    threads: fc.integer({ min: 1, max: 256 }),
    init: hostile,
    average: fc.constantFrom('plain', 'corrected', 'clipped:radius=0.5', 'clipped:cut=2', 'median', 'trimmed:cut=2'),
    seed: fc.maxSafeNat(),
  },
  { requiredKeys: [] },
);

for (const [name, arbitrary] of [
  ['live', liveExperiment],
  ['virtual', virtualExperiment.map(one => ({ ...one, deterministic: true }))],
] as const) {
  test(`a ${name} experiment comes back from its command line`, { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(arbitrary, others, async (usual, more) => {
        const experiment = parseExperiment({ ...usual, ...more });
        const words = wordsOf(experiment);
        const read = shell(commandLine(words));
        assert.deepEqual(read, ['hearsay', ...words]);
        const { experiments, stderr } = await play([...words, '--quiet']);
        assert.equal(stderr, '');
        assert.deepEqual(experiments, [experiment]);
      }),
      cases(60),
    );
  });
}

test('what is as by default is not in the command line', () => {
  assert.deepEqual(wordsOf(parseExperiment({})), ['train']);
  assert.deepEqual(wordsOf(parseExperiment({ until: 'accuracy=0.9' })), ['train', '--until', 'accuracy=0.9']);
  assert.deepEqual(wordsOf(parseExperiment({ deterministic: true, nodes: 4 }), 3), [
    'simulate',
    '--nodes',
    '4',
    '--repeats',
    '3',
  ]);
  const list = {
    steps: 7,
    stragglers: [
      { node: 1, factor: 2 },
      { node: 3, factor: 1.5 },
    ],
    attacks: [{ node: 2, kind: 'noise' as const, scale: 1e-7 }],
  };
  const slow = ['--straggler', 'node=1,factor=2', '--straggler', 'node=3,factor=1.5'];
  const words = ['train', '--steps', '7', ...slow, '--attack', 'node=2,kind=noise,scale=1e-7'];
  assert.deepEqual(wordsOf(parseExperiment(list)), words);
});

test('every option that is read from a text of its own can be written as one', () => {
  for (const [key, { written, write }] of Object.entries(options as Record<string, Option>))
    assert.equal(write !== undefined, written === true, key);
});

test('words without anything special stand as they are', () => {
  assert.equal(
    commandLine(['train', '--algorithm', 'swarm:steps=4,order=mix']),
    'hearsay train --algorithm swarm:steps=4,order=mix',
  );
  assert.equal(commandLine(['a b', "it's", 'x\ny']), "hearsay 'a b' 'it'\\''s' $'x\\012y'");
});
