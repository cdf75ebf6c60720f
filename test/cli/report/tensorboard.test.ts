/** The bytes of event files, read by a reader that shares nothing with the writer. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { histogram, openBoard, scalarsOf } from '../../../src/cli/tensorboard/board.js';
import { crc32c } from '../../../src/cli/tensorboard/crc32c.js';
import { frame } from '../../../src/cli/tensorboard/frame.js';
import { parseExperiment } from '../../../src/engine/experiment.js';
import { cases } from '../../support/cases.js';
import { done, play, sample, start } from '../stage.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-'));
after(() => rmSync(folder, { recursive: true }));

test('CRC-32C of the vectors of RFC 3720', () => {
  const of = (...bytes: number[]) => crc32c(Uint8Array.from(bytes)).toString(16);
  const each = (value: (k: number) => number) => Array.from({ length: 32 }, (_, k) => value(k));
  assert.equal(of(...Buffer.from('123456789')), 'e3069283');
  assert.equal(of(...each(() => 0)), '8a9136aa');
  assert.equal(of(...each(() => 255)), '62a8ab43');
  assert.equal(of(...each(k => k)), '46dd794e');
  assert.equal(of(...each(k => 31 - k)), '113fdb5c');
  assert.equal(of(), '0');
});

/** Division of polynomials bit by bit, most significant first on the reversed bytes: not the way of the table. */
function slowCrc(bytes: Uint8Array): number {
  let remainder = 0xffffffffn;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const top = ((remainder >> 31n) & 1n) ^ BigInt((byte >> bit) & 1);
      remainder = (remainder << 1n) & 0xffffffffn;
      if (top) remainder ^= 0x1edc6f41n;
    }
  let reversed = 0n;
  for (let bit = 0n; bit < 32n; bit++) if ((remainder >> bit) & 1n) reversed |= 1n << (31n - bit);
  return Number(reversed ^ 0xffffffffn);
}

function masked(crc: number): number {
  const rotated = (BigInt(crc) >> 15n) | ((BigInt(crc) << 17n) & 0xffffffffn);
  return Number((rotated + 0xa282ead8n) & 0xffffffffn);
}

/** The messages of a file of frames; every CRC is checked. */
function framesOf(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    assert.equal(bytes.readUInt32LE(at + 8), masked(slowCrc(bytes.subarray(at, at + 8))), 'CRC of the length');
    const message = bytes.subarray(at + 12, at + 12 + length);
    assert.equal(message.length, length);
    assert.equal(bytes.readUInt32LE(at + 12 + length), masked(slowCrc(message)), 'CRC of the message');
    found.push(message);
    at += 16 + length;
  }
  return found;
}

type Field = readonly [id: number, value: number | bigint | Buffer];

/** The fields of a protocol buffer, as they come. */
function fieldsOf(bytes: Buffer): Field[] {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const fields: Field[] = [];
  while (at < bytes.length) {
    const key = Number(varint());
    const [id, kind] = [key >> 3, key & 7];
    if (kind === 0) fields.push([id, varint()]);
    else if (kind === 1) fields.push([id, bytes.readDoubleLE((at += 8) - 8)]);
    else if (kind === 5) fields.push([id, bytes.readFloatLE((at += 4) - 4)]);
    else {
      assert.equal(kind, 2);
      const length = Number(varint());
      fields.push([id, bytes.subarray(at, (at += length))]);
    }
  }
  return fields;
}

interface Told {
  readonly wallTime: number;
  readonly step: number;
  readonly version?: string;
  readonly values: Readonly<Record<string, number | Field[]>>;
}

/** event.proto: wall_time 1, step 2, file_version 3, summary 5; summary.proto: value 1 of tag 1, simple_value 2, histo 5. */
function eventOf(message: Buffer): Told {
  const fields = fieldsOf(message);
  const one = (id: number) => fields.find(([found]) => found === id)?.[1];
  const values = fieldsOf((one(5) as Buffer) ?? Buffer.alloc(0)).map(([id, value]) => {
    assert.equal(id, 1);
    const parts = new Map(fieldsOf(value as Buffer));
    const histo = parts.get(5) as Buffer | undefined;
    return [String(parts.get(1)), histo ? fieldsOf(histo) : (parts.get(2) as number)] as const;
  });
  const version = one(3);
  return {
    wallTime: one(1) as number,
    step: Number(one(2) ?? 0),
    ...(version !== undefined && { version: String(version) }),
    values: Object.fromEntries(values),
  };
}

test('frames of any message have its bytes and the right sums', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), message => {
      const [read, ...more] = framesOf(Buffer.from(frame(message)));
      assert.deepEqual([...read], [...message]);
      assert.equal(more.length, 0);
    }),
    cases(100),
  );
});

test('a run becomes a file of its version and of every number of its samples, at their steps', async () => {
  const path = join(folder, 'run');
  mkdirSync(join(path, 'tensorboard'), { recursive: true });
  writeFileSync(join(path, 'tensorboard', 'events.out.tfevents.17.hearsay'), 'of a run before');
  writeFileSync(join(path, 'tensorboard', 'events.out.tfevents.17.elsewhere'), 'of another program');
  let now = 1_700_000_000_000;
  const board = await openBoard(
    path,
    text => assert.fail(text),
    false,
    () => (now += 500),
  );
  const samples = [
    sample({ steps: 625, loss: 0.25, accuracy: null, exchanges: 0 }),
    sample({ steps: 2 ** 40, versions: { mean: 1.5, p50: 1, p99: 4, max: 7 }, loss: Number.NaN }),
  ];
  board.record(start(parseExperiment({})));
  for (const one of samples) board.record(one);
  board.record(done({ steps: 2 ** 40, perNode: { versions: [0, 1, 1, 2], age: [] } }));
  const names = readdirSync(join(path, 'tensorboard')).sort();
  assert.deepEqual(names, ['events.out.tfevents.17.elsewhere', 'events.out.tfevents.1700000000.hearsay']);
  const told = framesOf(readFileSync(join(path, 'tensorboard', names[1]))).map(eventOf);
  assert.equal(told.length, 4);
  assert.equal(told[0].version, 'brain.Event:2');
  for (const [k, one] of told.entries()) {
    assert.ok(k === 0 || (one.wallTime > told[k - 1].wallTime && one.version === undefined));
    assert.ok(one.wallTime > 1_700_000_000 && one.wallTime < 1_700_000_010);
  }
  for (const [k, one] of samples.entries()) {
    assert.equal(told[k + 1].step, one.steps);
    const flat = Object.fromEntries(scalarsOf(one).map(({ tag, simpleValue }) => [tag, Math.fround(simpleValue)]));
    assert.deepEqual(told[k + 1].values, flat);
  }
  const [{ values: first }, { values: second }] = told.slice(1);
  assert.equal(first.loss, 0.25);
  assert.ok(!('accuracy' in first) && second.accuracy === Math.fround(0.9712));
  assert.equal(second['staleness/p99'], 4);
  assert.equal(second['versions/max'], 7);
  const histo = new Map(told[3].values['perNode/versions'] as Field[]);
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(id => histo.get(id) ?? 0),
    [0, 2, 4, 4, 6],
  );
  const doubles = (id: number) => {
    const bytes = histo.get(id) as Buffer;
    return Array.from({ length: bytes.length / 8 }, (_, k) => bytes.readDoubleLE(8 * k));
  };
  assert.equal(doubles(6).length, doubles(7).length);
  assert.equal(
    doubles(7).reduce((sum, count) => sum + count, 0),
    4,
  );
});

test('a histogram counts every value once, below the limit of its bucket', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 60 }), drawn => {
      const values = [...drawn].sort((a, b) => a - b);
      const { min, max, bucket, bucketLimit, num } = histogram('x', values).histo;
      assert.deepEqual([min, max, num], [values[0], values.at(-1), values.length]);
      assert.equal(
        bucket.reduce((a, b) => a + b, 0),
        num,
      );
      assert.ok(bucketLimit.every((limit, k) => k === 0 || limit > bucketLimit[k - 1]));
      assert.ok(bucketLimit.at(-1)! >= max);
    }),
    cases(200),
  );
});

test('what can be written no more is said once, and the run goes on', async () => {
  const path = join(folder, 'blocked');
  mkdirSync(path);
  writeFileSync(join(path, 'tensorboard'), 'a file');
  const said: string[] = [];
  const board = await openBoard(path, text => said.push(text));
  for (const event of [start(parseExperiment({})), sample(), sample(), done()]) board.record(event);
  assert.equal(said.length, 1);
  assert.match(said[0], /^OUTPUT_UNWRITABLE: tensorboard: .*; the run goes on without it$/);
});

test('a run that goes on leaves the files of what came before', async () => {
  const path = join(folder, 'goes-on');
  mkdirSync(join(path, 'tensorboard'), { recursive: true });
  writeFileSync(join(path, 'tensorboard', 'events.out.tfevents.17.hearsay'), 'before');
  const board = await openBoard(path, text => assert.fail(text), true);
  board.record(start(parseExperiment({})));
  board.record(sample());
  const names = readdirSync(join(path, 'tensorboard'));
  assert.equal(names.length, 2);
  assert.ok(names.includes('events.out.tfevents.17.hearsay'));
});

test('--tensorboard writes beside the metrics, for each seed, and needs a folder', async () => {
  const out = join(folder, 'seeds');
  const { status } = await play(['train', '--out', out, '--tensorboard', '--repeats', '2', '--quiet']);
  assert.equal(status, 0);
  for (const seed of ['seed-1', 'seed-2']) {
    const [name, ...more] = readdirSync(join(out, seed, 'tensorboard'));
    assert.equal(more.length, 0);
    assert.equal(framesOf(readFileSync(join(out, seed, 'tensorboard', name))).length, 3);
  }
  const refused = await play(['train', '--tensorboard']);
  assert.deepEqual([refused.status, refused.loads], [2, 0]);
  assert.match(refused.stderr, /^hearsay: CONFIG_MISSING: --tensorboard: /);
});

test("TensorBoard's own reader reads it", async t => {
  if (spawnSync('python3', ['-c', 'import tensorboard']).status !== 0) return t.skip('no tensorboard here');
  const path = join(folder, 'theirs');
  const board = await openBoard(path, text => assert.fail(text));
  for (const event of [start(parseExperiment({})), sample({ steps: 9, loss: 0.5 }), done()]) board.record(event);
  const program = `
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = EventAccumulator(${JSON.stringify(join(path, 'tensorboard'))}); found.Reload()
print([(one.step, one.value) for one in found.Scalars('loss')])`;
  const { stdout, stderr } = spawnSync('python3', ['-c', program], { encoding: 'utf8' });
  assert.equal(stdout.trim(), '[(9, 0.5)]', stderr);
});
