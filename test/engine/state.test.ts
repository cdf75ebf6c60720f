/**
 * A run in virtual time that goes on from a state that was kept, in a memory of its own, comes to the same samples and the same bits as one
 * that was never stopped: random experiments, kept after random steps, alone and by a company of players.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Progress } from '../../src/engine/checkpoint.js';
import { Diverged } from '../../src/engine/diverged.js';
import { type ExperimentInput, parseExperiment } from '../../src/engine/experiment.js';
import type { RunEvent } from '../../src/engine/observer.js';
import { copyState, putState, stateBytes } from '../../src/engine/state.js';
import { HearsayError } from '../../src/errors.js';
import { aloneDriver } from '../../src/threads/alone.js';
import { poolDriver } from '../../src/threads/pool.js';
import { prepare } from '../../src/threads/prepare.js';
import { stream } from '../../src/threads/stream.js';
import { type Keeper, watch } from '../../src/threads/watch.js';
import { cases } from '../support/cases.js';
import { company } from '../support/company.js';
import { virtualExperiment } from '../support/experiments.js';
import { timeless } from '../support/timeless.js';

interface Kept {
  readonly progress: Progress;
  readonly state: Uint8Array;
  /** So many there were before it. */
  readonly samples: number;
}

/** Keeps the state once, after so many steps: on the way, or because the run is then asked to end. */
interface Plan {
  readonly from?: Kept;
  readonly keepAt: number;
  readonly stops: boolean;
}

/** What a run says; what it refused instead; what was kept. */
async function conduct(input: ExperimentInput, seed: number | undefined, plan: Plan) {
  let kept: Kept | undefined;
  let stopped = false;
  try {
    const experiment = parseExperiment({ ...input, deterministic: true, parallel: seed === undefined ? 'never' : 'always' });
    const prepared = await prepare(experiment);
    if (plan.from) putState(prepared.arena, plan.from.state, 0);
    const driver = seed === undefined ? aloneDriver(prepared) : poolDriver(prepared, undefined, company(seed).manage);
    const keeper: Keeper = {
      get steps() {
        return kept ? Number.POSITIVE_INFINITY : plan.keepAt;
      },
      isDue: steps => !kept && steps >= plan.keepAt,
      note() {},
      async keep(progress, _steps, last) {
        if (plan.stops && !stopped) {
          stopped = true;
          return;
        }
        if (kept || (last && !stopped)) return;
        const state = new Uint8Array(stateBytes(prepared.arena.layout));
        copyState(prepared.arena, state);
        kept = { progress, state, samples };
      },
    };
    let samples = 0;
    const events = { ...stream<RunEvent>(), push: () => void samples++ };
    const watching = { events, isStopped: () => stopped, wall: 0, from: plan.from?.progress, keeper };
    const same = timeless(await watch(prepared, driver, watching));
    return { kept, same };
  } catch (error) {
    if (error instanceof Diverged) return { kept, refused: error.message };
    if (error instanceof HearsayError) return { kept, refused: `${error.code}: ${error.message}` };
    throw error;
  }
}

const never: Plan = { keepAt: Number.POSITIVE_INFINITY, stops: false };

for (const [who, players] of [
  ['alone', false],
  ['by a company of players', true],
] as const) {
  test(`any experiment, ${who}: kept and gone on with, it is the same as if it had never been stopped`, {
    timeout: 600_000,
  }, async t => {
    let tried = 0;
    let dropping = 0;
    await fc.assert(
      fc.asyncProperty(
        virtualExperiment,
        fc.double({ min: 0.02, max: 0.98, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.boolean(),
        async (input, part, seed, stops) => {
          const by = players ? seed : undefined;
          const whole = await conduct(input, by, never);
          if (!whole.same) return;
          const keepAt = Math.max(1, Math.floor(part * whole.same.end.steps));
          const first = await conduct(input, by, { keepAt, stops });
          if (!stops) assert.deepEqual(first.same, whole.same, 'keeping a state changes nothing');
          if (!first.kept) return;
          tried++;
          if (whole.same.end.diverged) dropping++;
          const rest = await conduct(input, by && by + 1, { ...never, from: first.kept });
          assert.deepEqual(rest.same?.end ?? rest.refused, whole.same.end);
          assert.deepEqual(rest.same!.samples, whole.same.samples.slice(first.kept.samples));
        },
      ),
      cases(80),
    );
    t.diagnostic(`${tried} runs were gone on with, of which ${dropping} dropped pieces of work`);
    assert.ok(tried > 40 && dropping > 0);
  });
}
