/**
 * Damaged histories: whatever was done to a file, playing it gives a named error, or the very bits of the recorded run; never a hang,
 * a crash, or another result. Most damage is to bytes; some is to the parts, with checksums that fit again.
 */

import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ExperimentInput } from '../../../src/engine/experiment.js';
import { type Check, Kind } from '../../../src/engine/history/blocks.js';
import { decode, openMemory } from '../../../src/engine/history/code.js';
import { HearsayError } from '../../../src/errors.js';
import { source, word } from '../../../src/random.js';
import { type ReplayDone, replayOn } from '../../../src/threads/replay.js';
import { simulate, train } from '../../../src/threads/train.js';
import { company } from '../../support/company.js';
import { assembled, boundaries, type Parsed, parsed } from '../../support/histories.js';
import { cases, mutated } from '../../support/mutation.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
const file = join(folder, 'damaged');
// One file that stays open: to make one anew takes milliseconds.
const opened = openSync(file, 'w');
after(() => {
  closeSync(opened);
  rmSync(folder, { recursive: true });
});

function write(bytes: Uint8Array): void {
  ftruncateSync(opened, bytes.length);
  writeSync(opened, bytes, 0, bytes.length, 0);
}

const small: ExperimentInput = {
  ...{ data: 'synthetic:rows=60,features=3,test=10', model: 'linear', nodes: 5, batch: 1, steps: 60, evaluateEvery: 20 },
  ...{ optimizer: 'sgd:rate=0.02,momentum=0.5', kernels: 'simd' },
};
const rough: ExperimentInput = { ...small, churn: 'rates:join=.3,leave=.3,crash=.2', link: 'delay:mean=0.3', parallel: 'never' };

interface Whole {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly parametersHash: string;
}

/** Some kinds of history: of messages, of pairs with newcomers, of sums, of an algorithm's own kernels, of several streams. */
async function histories(): Promise<Whole[]> {
  const path = join(folder, 'whole');
  const all: Whole[] = [];
  for (const algorithm of ['gossip:rate=1', 'swarm:steps=2', 'local:steps=3', 'stardust', 'savic:alpha=0.5']) {
    const optimizer = algorithm.startsWith('savic') ? 'sgd:rate=0.02' : rough.optimizer;
    const { done } = await simulate({ ...rough, optimizer, algorithm }, { record: path }).result;
    all.push({ name: algorithm, bytes: readFileSync(path), parametersHash: done.parametersHash });
  }
  const { done } = await train({ ...small, algorithm: 'swarm:steps=2,both=true', threads: 2 }, { record: path }).result;
  all.push({ name: 'live', bytes: readFileSync(path), parametersHash: done.parametersHash });
  return all;
}

const wholes = histories();

async function play(bytes: Uint8Array, seed = 1, partial = false): Promise<ReplayDone> {
  write(bytes);
  return replayOn(company(seed).manage, file, { threads: 3, partial }).result;
}

/** Plays it; counts how it ended, by the code of the error. Throws when it is not one of the ends that are allowed. */
async function judge({ name, parametersHash }: Whole, bytes: Uint8Array, k: number, ends: Map<string, number>): Promise<void> {
  let end = 'the same';
  try {
    const done = await play(bytes, k);
    assert.equal(done.parametersHash, parametersHash, `${name}, case ${k}: another result`);
  } catch (error) {
    if (!(error instanceof HearsayError)) throw new Error(`${name}, case ${k}: ${(error as Error).stack}`);
    assert.ok(!error.message.includes('\n'), error.message);
    end = error.code;
  }
  ends.set(end, (ends.get(end) ?? 0) + 1);
}

/** Of the cases of a fuzz test, those in which the parts are damaged: each is a run. */
const structured = Math.round(cases / 16);

test('bytes that were changed, inserted, or cut away are found', { timeout: 300_000 }, async () => {
  const all = await wholes;
  const ends = new Map<string, number>();
  for (let k = 0; k < cases - structured; k++) {
    const whole = all[k % all.length];
    await judge(whole, mutated(whole.bytes, 77, k), k, ends);
  }
  const known = ['the same', 'HISTORY_CORRUPT', 'HISTORY_VERSION'];
  assert.deepEqual(
    [...ends.keys()].filter(code => !known.includes(code)),
    [],
  );
  assert.ok(ends.get('HISTORY_CORRUPT')! > 0.9 * (cases - structured), JSON.stringify([...ends]));
});

test('parts that were changed, swapped, repeated or left out, with checksums that fit, are found', {
  timeout: 300_000,
}, async () => {
  const all = await wholes;
  const ends = new Map<string, number>();
  for (let k = 0; k < structured; k++) {
    const whole = all[k % all.length];
    await judge(whole, assembled(damaged(parsed(whole.bytes), k)), k, ends);
  }
  assert.ok(ends.get('HISTORY_CORRUPT')! > structured / 4, JSON.stringify([...ends]));
  assert.ok(ends.get('HISTORY_MISMATCH')! > structured / 50, JSON.stringify([...ends]));
});

/** The lowest six bits of an op's first byte: its verb, and whether another row is written behind the first. */
const verbAndOther = 63;

test('ops whose verb is taken for another one, with another row or without, are found', { timeout: 300_000 }, async () => {
  const ends = new Map<string, number>();
  // Sums are longer than can be told without the layout of the run.
  for (const whole of (await wholes).filter(({ name }) => !/^(local|savic)/.test(name))) {
    const { blocks } = parsed(whole.bytes);
    const at = blocks.findIndex(({ kind }) => kind === Kind.ops);
    const { payload } = blocks[at];
    const memory = openMemory(1000);
    const seen = new Map<number, number>();
    for (let place = 0, end = 0; place < payload.length; place = end) {
      const op = decode(payload, place, memory);
      end = op.end;
      seen.set(op.verb, (seen.get(op.verb) ?? 0) + 1);
      if (seen.get(op.verb)! > 3) continue;
      for (let taken = 0; taken <= verbAndOther; taken++) {
        const changed = Uint8Array.from(payload);
        changed[place] = (payload[place] & ~verbAndOther) | taken;
        const damaged = { ...parsed(whole.bytes), blocks: blocks.with(at, { ...blocks[at], payload: changed }) };
        await judge(whole, assembled(damaged), place * 64 + taken, ends);
      }
    }
  }
  assert.ok(ends.get('HISTORY_CORRUPT')! > 1000, JSON.stringify([...ends]));
});

const values = [null, -1, 0, 1, 2, 3, 7, 2.5, 1e9, 2 ** 31, 1e300, '', 'x', 'simd', 'reference', 'relaxed', 'blas', [], {}, true];

function damaged(whole: Parsed, k: number): Parsed {
  const random = source(99, 'damage');
  let draw = 0;
  const below = (bound: number) => word(random, k, draw++) % bound;
  const { blocks } = whole;
  const at = below(blocks.length);
  const other = below(blocks.length);
  const block = blocks[at];
  switch (below(8)) {
    case 0:
      [blocks[at], blocks[other]] = [blocks[other], block];
      break;
    case 1:
      blocks.splice(other, 0, block);
      break;
    case 2:
      blocks.splice(at, 1);
      break;
    case 3:
      blocks[at] = { ...block, stream: below(3), kind: 1 + below(3) };
      break;
    case 4:
      blocks[at] = { ...block, payload: block.payload.subarray(0, below(block.payload.length + 1)) };
      break;
    case 5: {
      const levels: Record<string, unknown>[] = [whole.head];
      for (const key of ['experiment', 'kernels']) levels.push(whole.head[key] as Record<string, unknown>);
      const level = levels[below(levels.length)];
      const keys = Object.keys(level);
      level[keys[below(keys.length)]] = values[below(values.length)];
      break;
    }
    default:
      for (let edits = 1 + below(3); edits > 0; edits--) {
        const place = below(block.payload.length);
        block.payload[place] = below(2) === 0 ? below(256) : block.payload[place] ^ (1 << below(8));
      }
  }
  return whole;
}

test('a file that was cut off anywhere says so, and how far it can be played', async () => {
  for (const whole of await wholes) {
    const places = boundaries(whole.bytes);
    const { blocks } = parsed(whole.bytes);
    const checks = blocks.map(({ kind, payload }) =>
      kind === Kind.ops ? undefined : (JSON.parse(Buffer.from(payload).toString()) as Check),
    );
    const cuts = places
      .slice(0, -1)
      .flatMap((place, k) => [place, place + 1, place + 12, Math.floor((place + places[k + 1]) / 2), places[k + 1] - 1]);
    for (const cut of cuts) {
      const bytes = whole.bytes.subarray(0, cut);
      const complete = places.filter(place => place <= cut).length - 1;
      const last = checks.slice(0, complete).findLast(check => check !== undefined);
      const message = last
        ? new RegExp(`cut off.* at step ${last.steps} it can be played: add --partial`)
        : /cut off.*no check.*record it again/;
      await assert.rejects(play(bytes), { code: 'HISTORY_CORRUPT', message });
      if (!last) await assert.rejects(play(bytes, 1, true), { code: 'HISTORY_CORRUPT', message });
      else {
        const done = await play(bytes, 1, true);
        assert.deepEqual([done.stopReason, done.steps, done.parametersHash], ['cut', last.steps, last.parametersHash]);
      }
    }
    for (let cut = 0; cut < places[0]; cut += 1 + Math.floor(cut / 7)) {
      await assert.rejects(play(whole.bytes.subarray(0, cut)), { code: 'HISTORY_CORRUPT' });
    }
  }
});

test('the first check that disagrees ends the replay, and names the ops between', async () => {
  for (const whole of await wholes) {
    const { blocks } = parsed(whole.bytes);
    const checks = blocks.flatMap(({ kind }, k) => (kind === Kind.ops ? [] : [k]));
    for (const [nth, k] of checks.entries()) {
      const changed = parsed(whole.bytes);
      const check: Check = JSON.parse(Buffer.from(blocks[k].payload).toString());
      const payload = Buffer.from(JSON.stringify({ ...check, parametersHash: 'ab'.repeat(32) }));
      changed.blocks[k] = { ...blocks[k], payload };
      write(assembled(changed));
      const running = replayOn(company(nth).manage, file);
      const agreed: number[] = [];
      const failure: unknown = await (async () => {
        for await (const event of running) if (event.event === 'check') agreed.push(event.ops);
      })().catch(error => error);
      assert.ok(failure instanceof HearsayError && failure.code === 'HISTORY_MISMATCH', String(failure));
      assert.equal(agreed.length, nth);
      const before = agreed.at(-1) ?? 0;
      const said = new RegExp(
        `differ after op (\\d+): they were right after op ${before}, so one of ops ${before + 1} to (\\d+) `,
      ).exec(failure.message);
      assert.ok(said && said[1] === said[2] && Number(said[1]) >= before, failure.message);
    }
  }
});

test('an op that was changed is noticed at the check behind it, at the latest', async () => {
  // One of the histories is that of a race, so it is not said of which of them a change comes as far as a check.
  let noticed = 0;
  for (const { bytes } of await wholes) {
    const { blocks } = parsed(bytes);
    const first = blocks.findIndex(({ kind }) => kind === Kind.ops);
    for (let place = 0; place < blocks[first].payload.length; place++) {
      for (const bit of [1, 2]) {
        const changed = parsed(bytes);
        changed.blocks[first].payload[place] ^= bit;
        const error: unknown = await play(assembled(changed)).then(
          () => undefined,
          failure => failure,
        );
        if (!(error instanceof HearsayError) || error.code !== 'HISTORY_MISMATCH') continue;
        const said = /one of ops (\d+) to (\d+) (went another way|can't be done again)/.exec(error.message);
        assert.ok(said && Number(said[1]) <= Number(said[2]), error.message);
        noticed++;
      }
    }
  }
  assert.ok(noticed > 0, 'no change of an op came as far as a check');
});
