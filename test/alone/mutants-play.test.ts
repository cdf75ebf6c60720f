/**
 * Bugs planted in the order of the ops, played by real threads: a simulation on a pool must then come to other bytes than on one thread,
 * fail, or never end. test/engine/mutants-play.test.ts has these and many more, in schedules that are searched for.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { copyProgram, type Patch } from '../support/mutant.js';

const turnIs = 'turnOf(words.load(controlWord(layout, row, Control.Turn)))';
const link = 'delay:mean=0.3,law=exponential';

const mutants: [what: string, name: string, algorithm: string, link: string, patches: Patch[]][] = [
  [
    'the turn is not looked at',
    'NO_TURN',
    'swarm:steps=1',
    'ideal',
    [['engine/claimer', `turn < 0 || (isRow(row) && ${turnIs} === turn)`, 'true']],
  ],
  [
    'an op begins one turn too early',
    'EARLY_TURN',
    'swarm:steps=1',
    'ideal',
    [['engine/claimer', `${turnIs} === turn`, `${turnIs} + 1 >= turn`]],
  ],
  [
    'a read takes no turn',
    'READ_FREE',
    'swarm:steps=1',
    'ideal',
    [['engine/rows', 'targetTurn(intent, from, 0);\nscribe?.note(', 'scribe?.note(']],
  ],
  [
    'a slot is used again before its message was taken',
    'SLOT_FREE',
    'gossip:rate=4',
    link,
    [
      ['engine/messages', 'targetTurn(intent, slot, 0);\nif (context.mass)', 'if (context.mass)'],
      ['engine/messages', 'targetTurn(intent, slot, 0);\nif (both)', 'if (both)'],
    ],
  ],
];

/** The end of the last of at most so many simulations on three threads: 'same', or what went wrong. */
function play(attempts: number, name: string, algorithm: string, link: string, patches: Patch[]): string {
  const { folder, close } = copyProgram(name, patches);
  const index = JSON.stringify(new URL('index.js', folder).href);
  const sound = JSON.stringify(new URL('../../src/index.js', import.meta.url).href);
  const program = `
    const input = {
      ...{ data: 'none', model: 'noise:64', batch: 1, nodes: 8, clock: 'exponential:mean=1', steps: 3000, evaluateEvery: 3000 },
      ...{ algorithm: ${JSON.stringify(algorithm)}, link: ${JSON.stringify(link)}, threads: 3, track: 0 },
    };
    const run = async (index, parallel) => (await (await import(index)).simulate({ ...input, parallel }).result).done.parametersHash;
    const expected = await run(${sound}, 'never');
    let end = 'same';
    for (let k = 0; k < ${attempts} && end === 'same'; k++) {
      const ends = run(${index}, 'always').then(hash => (hash === expected ? 'same' : 'other bytes'), error => String(error.code));
      let timer;
      const never = new Promise(resolve => { timer = setTimeout(resolve, 15_000, 'never ends'); }); // it takes half a second
      end = await Promise.race([ends, never]);
      clearTimeout(timer);
    }
    process.stdout.write(end, () => process.exit());`;
  try {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 100_000,
      killSignal: 'SIGKILL',
    });
    assert.equal(stderr, '');
    return stdout;
  } finally {
    close();
  }
}

test('sound threads come to the same bytes as one, every time', { timeout: 120_000 }, () => {
  assert.equal(play(3, 'SOUND', 'swarm:steps=1', 'ideal', []), 'same');
  assert.equal(play(3, 'SOUND', 'gossip:rate=4', link, []), 'same');
});

for (const [what, name, ...rest] of mutants) {
  test(`mutant ${name}: ${what}`, { timeout: 120_000 }, t => {
    const end = play(60, name, ...rest);
    t.diagnostic(end);
    assert.ok(['other bytes', 'never ends', 'MODEL_FAILED', 'STATE', 'DIVERGED'].includes(end), end);
  });
}
