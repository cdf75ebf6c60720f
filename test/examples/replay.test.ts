/** Modules of a user's own in histories: they play again to the same bits, and not at all once they have been changed. */

import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HearsayError } from '../../src/errors.js';
import { type ExperimentInput, replay, simulate, train } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
const file = join(folder, 'run.hearsay');

/** A copy of an example that may be changed. */
function copyOf(name: string): string {
  const path = join(folder, `${name}.js`);
  copyFileSync(new URL(`../../examples/${name}.js`, import.meta.url), path);
  return path;
}

const hinge = copyOf('hinge');
const trios = copyOf('trios');
const small: ExperimentInput = { data: 'digits:200', nodes: 6, batch: 4, epochs: 2, threads: 2 };

const runs: readonly [what: string, path: string, input: ExperimentInput][] = [
  ['model', hinge, { ...small, model: `${hinge}:margin=1`, optimizer: 'sgd:rate=0.02' }],
  ['algorithm', trios, { ...small, model: 'softmax', algorithm: `${trios}:steps=2`, topology: 'ring' }],
];

for (const [what, path, input] of runs) {
  test(`an example of a ${what} is played again, until it is changed`, { timeout: 60_000 }, async () => {
    for (const start of [train, simulate]) {
      const { done } = await start(input, { record: file }).result;
      for (const threads of [1, 3]) {
        assert.equal((await replay(file, { threads }).result).parametersHash, done.parametersHash);
      }
    }
    appendFileSync(path, '\nthrow new Error("this code has been run");\n');
    const events: string[] = [];
    const refused = async () => {
      for await (const { event } of replay(file)) events.push(event);
    };
    await assert.rejects(refused, error => {
      assert.ok(error instanceof HearsayError);
      assert.equal(error.code, 'HISTORY_MISMATCH');
      assert.ok(
        error.message.includes(`the module of --${what}, ${path}`) && error.message.includes('has changed since'),
        error.message,
      );
      return true;
    });
    assert.deepEqual(events, [], 'it is said before anything starts');
    rmSync(path);
    await assert.rejects(replay(file).result, { code: 'HISTORY_MISMATCH', message: /is not there any more/ });
  });
}

test('a history is played by whoever computed the model when it was recorded, and by nobody else', {
  timeout: 60_000,
}, async () => {
  const path = join(folder, 'elsewhere.js');
  writeFileSync(
    path,
    `import hinge from ${JSON.stringify(new URL('../../examples/hinge.js', import.meta.url).href)};
export default (options, task) => ({ ...hinge({}, task), backend: { name: globalThis.computer ?? 'slide rule', note: 'slowly' } });
`,
  );
  const { start, done } = await train({ ...small, model: path, epochs: 1 }, { record: file }).result;
  assert.equal(start.model.backend?.name, 'slide rule');
  assert.equal((await replay(file).result).parametersHash, done.parametersHash);
  const world = globalThis as { computer?: string };
  world.computer = 'abacus';
  try {
    await assert.rejects(replay(file).result, { code: 'KERNELS_MISMATCH', message: /computed by slide rule, here by abacus; / });
  } finally {
    delete world.computer;
  }
});
