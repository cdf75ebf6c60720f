/** A look at a run while it goes on agrees with what the run says in the end, and costs it nothing but the look; a pause keeps everything. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { spreadOf } from '../../src/engine/histogram.js';
import { type ExperimentInput, type Run, train } from '../../src/index.js';
import { place } from '../../src/topology/graph.js';

const base: ExperimentInput = { data: 'digits:2000', model: 'softmax', nodes: 12, topology: 'ring', threads: 2, epochs: 20 };
const modes: Readonly<Record<string, ExperimentInput>> = {
  live: base,
  alone: { ...base, deterministic: true, parallel: 'never' },
  pool: { ...base, deterministic: true, parallel: 'always' },
};

for (const [mode, input] of Object.entries(modes)) {
  test(`${mode}: looks grow, and the last one is the end`, { timeout: 60_000 }, async () => {
    const run = train(input);
    let looks = 0;
    let steps = 0;
    let drawn = 0;
    const look = () => {
      const glance = run.glance();
      if (!glance) return;
      looks++;
      assert.ok(glance.steps >= steps && glance.exchanges >= 0);
      steps = glance.steps;
      glance.nodes.drew.forEach((other, node) => {
        if (other < 0) return;
        drawn++;
        assert.ok(place(glance.graph, node, other) >= 0, `${node} drew ${other}, which is no neighbour`);
      });
    };
    const timer = setInterval(look, 2);
    const { done } = await run.result;
    clearInterval(timer);
    look();
    const glance = run.glance()!;
    assert.ok(looks > 2, `${looks} looks`);
    assert.ok(drawn > 0);
    assert.equal(glance.state, 'over');
    assert.equal(glance.steps, done.steps);
    assert.equal(glance.exchanges, done.exchanges);
    assert.equal(glance.seconds, done.seconds);
    assert.deepEqual(spreadOf(glance.staleness), done.staleness);
    assert.ok(glance.nodes.loss.every(loss => loss > 0 && loss < 10));
    assert.equal(
      glance.nodes.steps.reduce((sum, own) => sum + own, 0),
      done.steps,
    );
  });

  test(`${mode}: a pause stands still, and goes on from there`, { timeout: 60_000 }, async () => {
    const run = train({ ...input, epochs: 40 });
    await until(run, 'training');
    run.pause();
    await until(run, 'paused');
    const { steps, seconds } = run.glance()!;
    await sleep(150);
    assert.deepEqual([run.glance()!.steps, run.glance()!.seconds], [steps, seconds]);
    run.resume();
    const { done } = await run.result;
    assert.equal(done.stopReason, 'epochs');
    assert.ok(done.steps > steps);
    if (mode !== 'live') {
      const { done: other } = await train({ ...input, epochs: 40 }).result;
      assert.equal(done.parametersHash, other.parametersHash, 'bit for bit as without a pause');
    }
  });

  test(`${mode}: a run that was paused can be stopped`, { timeout: 60_000 }, async () => {
    const run = train({ ...input, epochs: 1000 });
    run.pause();
    await until(run, 'paused');
    run.stop();
    const { done } = await run.result;
    assert.equal(done.stopReason, 'aborted');
  });
}

async function until(run: Run, state: string): Promise<void> {
  while (run.glance()?.state !== state) await sleep(2);
}
