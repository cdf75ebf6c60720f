/** Exploring a scene in a test: fails with the schedule, says what was covered. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  describeFailure,
  type ExploreOptions,
  explore,
  exploreRandomly,
  type RandomOptions,
  type Report,
  type Scene,
} from '../../src/testing/explore.js';

/** Every schedule of the scope, or the test fails. */
export function walkAll(t: TestContext, title: string, scene: Scene, options?: ExploreOptions): Report {
  const report = explore(scene, options);
  if (report.failure) assert.fail(describeFailure(report.failure));
  assert.ok(report.complete, `${title}: not complete after ${report.states} states`);
  const scope = options?.preemptions === undefined ? 'all schedules' : `at most ${options.preemptions} preemptions`;
  const counts = `${report.states.toLocaleString('en')} states, ${report.schedules.toPrecision(3)} schedules`;
  t.diagnostic(`${title}, ${scope}: ${counts}, complete`);
  return report;
}

export function walkRandomly(t: Pick<TestContext, 'diagnostic'>, title: string, scene: Scene, options: RandomOptions): Report {
  const report = exploreRandomly(scene, options);
  if (report.failure) assert.fail(`schedule ${report.failure.number}: ${describeFailure(report.failure)}`);
  assert.equal(report.schedules, options.schedules);
  t.diagnostic(`${title}: ${report.schedules.toLocaleString('en')} random schedules, seed ${options.seed ?? 1}`);
  return report;
}
