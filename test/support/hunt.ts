/** Bugs planted in copies of the engine, one at a time: the explorer alone must find each, and print a schedule that replays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeFailure, explore, replay, type Scene } from '../../src/testing/explore.js';
import { openMutant, type Patch } from './mutant.js';
import type { Engine } from './stage.js';

export interface Mutant {
  readonly name: string;
  readonly patches: readonly Patch[];
  readonly scene: (engine: Engine) => Scene;
}

/** A test for each, with at most three preemptions. */
export function hunt(mutants: readonly Mutant[]): void {
  for (const { name, patches, scene } of mutants) {
    test(`mutant ${name} is found`, async t => {
      const { engine, close } = await openMutant(name, patches);
      t.after(close);
      let states = 0;
      for (let preemptions = 0; preemptions <= 3; preemptions++) {
        const report = explore(scene(engine), { preemptions, limit: 2_000_000 });
        states += report.states;
        const { failure } = report;
        if (!failure) continue;
        assert.ok(replay(scene(engine), failure.path).error, 'the path does not replay the failure');
        t.diagnostic(
          `${name}: ${preemptions} preemptions, ${states} states, ${failure.schedule.length} steps: ${failure.reason.split('\n')[0]}`,
        );
        // Without the plain accesses of the intent's words, for brevity.
        for (const line of describeFailure(failure).split('\n')) if (!/ {2}[gs]et intent/.test(line)) t.diagnostic(line);
        return;
      }
      assert.fail(`not found in ${states} states`);
    });
  }
}
