/**
 * Random experiments in virtual time: whoever does the work, and whoever does it again, comes to the same samples and the same bits.
 * Players are seats that this thread steps in a random order (test/support/company.ts): hundreds of small runs, without a thread.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { namedAlgorithm } from '../../../src/engine/algorithms/table.js';
import { type ExperimentInput, parseExperiment } from '../../../src/engine/experiment.js';
import type { HistoryHead } from '../../../src/engine/history/head.js';
import { openMerge } from '../../../src/engine/history/merge.js';
import type { RunEvent } from '../../../src/engine/observer.js';
import { HearsayError } from '../../../src/errors.js';
import { parseSpec } from '../../../src/spec.js';
import { aloneDriver } from '../../../src/threads/alone.js';
import { type HistoryWriter, writeHistory } from '../../../src/threads/history.js';
import { openHistory } from '../../../src/threads/historyfile.js';
import { poolDriver } from '../../../src/threads/pool.js';
import { prepare } from '../../../src/threads/prepare.js';
import { replayOn } from '../../../src/threads/replay.js';
import { stream } from '../../../src/threads/stream.js';
import { watch } from '../../../src/threads/watch.js';
import { cases } from '../../support/cases.js';
import { company } from '../../support/company.js';
import { virtualExperiment } from '../../support/experiments.js';
import { timeless } from '../../support/timeless.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

type Ending =
  | { readonly same: ReturnType<typeof timeless> }
  | { readonly refused: string }
  /** Some rates are too high for some models: then all end with the same complaint. */
  | { readonly diverged: string };

/** Conducts a run as `simulate` does, recorded into `file`: alone, or by a company that a seed leads. */
async function conduct(input: ExperimentInput, file: string, seed?: number): Promise<Ending> {
  let history: HistoryWriter | undefined;
  try {
    const experiment = parseExperiment({ ...input, deterministic: true, parallel: seed === undefined ? 'never' : 'always' });
    const prepared = await prepare(experiment, { record: true });
    assert.equal(prepared.mode, seed === undefined ? 'alone' : 'pool');
    history = writeHistory(file, prepared, () => {});
    const driver = seed === undefined ? aloneDriver(prepared, history) : poolDriver(prepared, history, company(seed).manage);
    return { same: timeless(await watch(prepared, driver, { events: stream<RunEvent>(), isStopped: () => false, wall: 0 })) };
  } catch (error) {
    if (error instanceof HearsayError)
      return error.code === 'DIVERGED' ? { diverged: error.message } : { refused: error.message };
    throw error;
  } finally {
    history?.close();
  }
}

/** What a history says: the rows that it begins from, its ops in order, and its checks. */
function contents(file: string): string {
  const { head, parts, open, streams, close } = openHistory(file);
  const merge = openMerge(streams(rowsOf(head)), rowsOf(head));
  const said = parts.map(part => {
    open(part);
    const ops = [];
    for (let op = merge.next(); op; op = merge.next()) ops.push({ ...op });
    const { steps, parametersHash } = part.check;
    return { ops, steps, parametersHash };
  });
  close();
  return JSON.stringify({ said, initialHash: head.initialHash, nodes: head.nodes, slots: head.slots });
}

/** All rows: of the nodes, a shared one, and messages. */
function rowsOf({ experiment, nodes, slots, parameters }: HistoryHead): number {
  const algorithm = namedAlgorithm(parseSpec(experiment.algorithm, 'test'), { nodes, capacity: nodes, parameters, rate: 1 });
  return nodes + (algorithm.extraRows ?? 0) + slots;
}

test('any experiment: alone, by a company of players, and played again from its history, it is the same', {
  timeout: 600_000,
}, async () => {
  const [one, other] = [join(folder, 'one'), join(folder, 'other')];
  const refusals: string[] = [];
  let runs = 0;
  let overlaps = 0;
  await fc.assert(
    fc.asyncProperty(virtualExperiment, fc.integer({ min: 2, max: 8 }), fc.nat(), async (input, threads, seed) => {
      const alone = await conduct({ ...input, threads }, one);
      assert.deepEqual(await conduct({ ...input, threads }, other, seed), alone);
      runs++;
      if ('diverged' in alone) return;
      if ('refused' in alone) return void refusals.push(`${alone.refused}: ${JSON.stringify(input)}`);
      assert.equal(contents(other), contents(one));
      const players = company(seed + 1);
      const done = await replayOn(players.manage, one, { threads }).result;
      const { parametersHash, steps } = alone.same.end;
      assert.deepEqual([done.parametersHash, done.steps], [parametersHash, steps]);
      overlaps += players.overlaps();
    }),
    cases(200),
  );
  assert.deepEqual(refusals, [], 'all of them are experiments');
  assert.ok(overlaps > 10 * runs, `only ${overlaps} ops overtook local steps`);
});
