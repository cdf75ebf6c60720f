/**
 * A wrong sign in each algorithm, or what comes nearest to one, is caught by a test of its own: copies of the program with it fail that
 * test.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { algorithms } from '../../src/engine/algorithms/table.js';

interface Wrong {
  /** Compiled module of src/engine/algorithms, without .js; that of the algorithm's name when left out. */
  readonly file?: string;
  /** Found exactly once. */
  readonly from: string;
  readonly to: string;
  /** Which test fails: a file of test/engine, without .test.js, and a pattern of titles. */
  readonly caughtBy: readonly [file: string, title: string];
}

const keeps = (name: string, kept: string) => ['keeps', `^${name} keeps what it says: ${kept}`] as const;

const wrongs: Readonly<Record<string, Wrong>> = {
  swarm: {
    from: 'world.peer(node), weight, order);\n            return true',
    to: 'world.peer(node), -weight, order);\n            return true',
    caughtBy: keeps('swarm', 'hull'),
  },
  'swarm-pull': {
    file: 'swarmpull',
    from: 'rows.pull(node, world.peer(node), weight)',
    to: 'rows.pull(node, world.peer(node), -weight)',
    caughtBy: keeps('swarm-pull', 'hull'),
  },
  adpsgd: { from: 'world.peer(node), weight)', to: 'world.peer(node), -weight)', caughtBy: keeps('adpsgd', 'hull') },
  gossip: { from: '1 - weight, weight', to: '1 + weight, -weight', caughtBy: keeps('gossip', 'hull') },
  timely: { file: 'gossip', from: '1 - weight, weight', to: '1 + weight, -weight', caughtBy: keeps('timely', 'hull') },
  local: { from: '1 / rows.live.length', to: '-1 / rows.live.length', caughtBy: keeps('local', 'mean') },
  allreduce: { file: 'local', from: '1 / rows.live.length', to: '-1 / rows.live.length', caughtBy: keeps('allreduce', 'mean') },
  dpsgd: { file: 'mixing', from: 'rest -= row[place] =', to: 'rest += row[place] =', caughtBy: keeps('dpsgd', 'mean') },
  sgp: { file: 'mixing', from: '= 1 / to.length', to: '= -1 / to.length', caughtBy: ['sgp', 'columns of a push'] },
  choco: { from: 'w - own[i][j]', to: 'own[i][j] - w', caughtBy: ['choco', 'choco with none'] },
  adagossip: { from: 'i === j ? w - 1 : w', to: 'i === j ? w - 1 : -w', caughtBy: ['choco', 'adagossip with none'] },
  fedavg: {
    from: '1 - heard.length / meeting.live.length',
    to: '1 + heard.length / meeting.live.length',
    caughtBy: ['federated', '^a round of FedAvg'],
  },
  fedpbc: { from: '1 / heard.length', to: '-1 / heard.length', caughtBy: keeps('fedpbc', 'mean') },
  asgd: { from: 'into: shared', to: 'into: node', caughtBy: ['servers', '^asgd: what was learnt'] },
  easgd: { from: '[1 - a, 1 - a, a, a, a, 1 - a]', to: '[1 + a, 1 + a, -a, a, a, 1 - a]', caughtBy: keeps('easgd', 'sums') },
  draco: {
    from: 'count === 0 ? 0 : 1 / (count + 1)',
    to: 'count === 0 ? 0 : -1 / (count + 1)',
    caughtBy: ['draco', '^form=delta'],
  },
  stardust: {
    from: 'mine, 1, weight, parameters',
    to: 'mine, 1, -weight, parameters',
    caughtBy: keeps('stardust', 'hull'),
  },
  hogwild: { from: 'rows.hogwild(node, shared,', to: 'rows.hogwild(node, node,', caughtBy: ['servers', '^hogwild, racy'] },
  savic: { from: '1 / operands.length', to: '-1 / operands.length', caughtBy: keeps('savic', 'mean') },
  cdsa: { from: '1 / ratio', to: 'ratio', caughtBy: ['cdsa', '^rounds are what the formula says'] },
  none: { from: 'rows.commit(node)', to: 'rows.mix(node, world.peer(node), -1)', caughtBy: keeps('none', 'mean') },
};

const built = new URL('../../', import.meta.url);
/** Beside the built program: it reads package.json from its place. */
const copy = new URL(`../../../dist-wrong-${process.pid}/`, import.meta.url);

before(() => {
  const needed = (path: string) => !path.endsWith('.d.ts') && !path.endsWith('.map');
  for (const folder of ['src/', 'test/'])
    cpSync(new URL(folder, built), new URL(folder, copy), { recursive: true, filter: needed });
});
after(() => rmSync(copy, { recursive: true, force: true }));

/** The exit status of a test of the copy. */
function statusOf([file, title]: Wrong['caughtBy']): number | null {
  const path = fileURLToPath(new URL(`test/engine/${file}.test.js`, copy));
  const seed = new URL('test/support/seed.js', copy).href;
  const args = ['--import', seed, '--test-name-pattern', title, path];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return spawnSync(process.execPath, args, { env, timeout: 60_000, stdio: 'ignore' }).status;
}

test('every algorithm has one', () => {
  assert.deepEqual(Object.keys(wrongs).sort(), Object.keys(algorithms).sort());
});

for (const [name, { file = name, from, to, caughtBy }] of Object.entries(wrongs)) {
  test(`${name}: ${to} is caught`, { timeout: 120_000 }, () => {
    const path = new URL(`src/engine/algorithms/${file}.js`, copy);
    const right = readFileSync(path, 'utf8');
    const parts = right.split(from);
    assert.equal(parts.length, 2, `${file}.js holds ${parts.length - 1} times: ${from}`);
    assert.equal(statusOf(caughtBy), 0, 'the right one passes');
    writeFileSync(path, parts.join(to));
    try {
      assert.equal(statusOf(caughtBy), 1);
    } finally {
      writeFileSync(path, right);
    }
  });
}
