/**
 * Every algorithm of the table loses at least half of its initial loss: on two threads, played from the recording of that, and in virtual
 * time.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { type ExperimentInput, replay, simulate, train } from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'run.hearsay');

const learning: ExperimentInput = {
  ...{ data: 'digits:1500', model: 'softmax', nodes: 4, batch: 8, epochs: 4, optimizer: 'sgd:rate=0.05' },
  ...{ threads: 2, kernels: 'simd', evaluateEvery: '100s' },
};

/** What an algorithm needs beside that. */
const settings: Readonly<Record<string, ExperimentInput>> = {
  asgd: { optimizer: 'sgd:rate=0.03' }, // one model takes the steps of all, from models of before
  hogwild: { optimizer: 'sgd:rate=0.03' },
  savic: { optimizer: 'sgd:rate=0.005' }, // what divides a gradient by its size needs smaller steps
};

/** The form that is played again in place of the plain one, where that can't be, and why. */
const again: Readonly<Record<string, string>> = {
  hogwild: 'hogwild:mode=guarded', // threads that write a row in place, without a guard, leave nothing to play
};

/** A softmax of zeros, as it is at the start, has log 10. */
const halved = (loss: number, what: string) => assert.ok(loss <= Math.log(10) / 2, `${what}: a loss of ${loss}`);

for (const name of Object.keys(algorithms)) {
  test(`${name} loses half of its loss: live, again from the recording, and in virtual time`, { timeout: 60_000 }, async () => {
    const input = { ...learning, ...settings[name], algorithm: name };
    const algorithm = again[name] ?? name;
    if (algorithm !== name) {
      halved((await train(input).result).done.loss, name);
      await assert.rejects(async () => train(input, { record: file }).result, { name: 'HearsayError', message: /record/ });
    }
    const live = (await train({ ...input, algorithm }, { record: file }).result).done;
    halved(live.loss, `${algorithm}, live`);
    const played = await replay(file, { threads: 2 }).result;
    assert.equal(played.parametersHash, live.parametersHash, algorithm);
    const virtual = (await simulate({ ...input, algorithm, parallel: 'never' }).result).done;
    halved(virtual.loss, `${algorithm}, in virtual time`);
  });
}
