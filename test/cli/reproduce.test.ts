/** `hearsay reproduce`, over experiments of a second: what it prints, what it keeps, how it ends. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { z } from 'zod';
import { flagName } from '../../src/cli/options.js';
import { reproduceOptions } from '../../src/cli/reproduce.js';
import type { Option } from '../../src/engine/option.js';
import type { Reproduction } from '../../src/reproduce/reproduction.js';
import { near } from '../../src/reproduce/row.js';
import { staleness } from '../../src/reproduce/staleness.js';
import { play } from './stage.js';

const folder = mkdtempSync(join(tmpdir(), 'hearsay-reproduce-'));
after(() => rmSync(folder, { recursive: true }));

const small: Reproduction = staleness({ complete: [6], ring: [], versions: 20, looks: 400 });
/** The same with an expectation that is wrong, or a tolerance that nothing keeps. */
const planted = (factor: number, share: number): Reproduction => ({
  ...small,
  id: 'R2',
  configurations: around =>
    small.configurations(around).map(one => ({
      ...one,
      read(runs) {
        const { rows, marks } = one.read(runs);
        return {
          rows: rows.map(row => near(row.what, { value: row.measured, error: row.error! }, factor * row.expected!, share)),
          marks,
        };
      },
    })),
});
const reproductions = [small, planted(1.5, 0.2)];

const row = {
  what: z.string().min(1),
  from: z.enum(['exact', 'exact for Poisson, near here', 'exact for many nodes, near here', 'simulation', 'shape', 'none']),
  expected: z.number().nullable(),
  measured: z.number().nullable(),
  error: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  tolerance: z.string(),
  beside: z.number().nullable(),
  passed: z.boolean(),
};
const events = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('start'),
    id: z.string(),
    about: z.string(),
    notes: z.array(z.string()),
    seed: z.int(),
    threads: z.int(),
    configurations: z.int(),
  }),
  z.strictObject({ event: z.literal('row'), id: z.string(), configuration: z.string(), ...row }),
  z.strictObject({
    event: z.literal('done'),
    id: z.string(),
    passed: z.boolean(),
    stopReason: z.enum(['end', 'aborted']),
    seconds: z.number(),
    rows: z.array(z.strictObject(row)),
    out: z.string(),
  }),
]);

test('--list says what there is, one line each, and runs nothing', async () => {
  const { status, stdout } = await play(['reproduce', '--list']);
  assert.equal(status, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.map(line => line.split(' ')[0]),
    ['R1', 'R2', 'R3', 'R4', 'R5', 'R6', 'R7', 'R8', 'R9', 'R10', 'R11', 'R12', 'R13', 'R15', 'R16', 'R17'],
  );
  for (const line of lines) assert.ok(line.length > 40, line);
});

test('an id that is none is named with those that are; a missing one, and bad flags, are refused', async () => {
  const unknown = await play(['reproduce', 'R14']);
  assert.equal(unknown.status, 2);
  assert.match(
    unknown.stderr,
    /^hearsay: CONFIG_RANGE: reproduce: found 'R14', allowed is R1 \| R2 \| R3 \| R4 \| R5 \| R6 \| R7 \| R8 \| R9 \| R10 \| R11 \| R12 \| R13 \| R15 \| R16 \| R17; [^\n]+\n$/,
  );
  for (const [code, ...words] of [
    ['CONFIG_MISSING'],
    ['CONFIG_RANGE', 'R1', '--threads', '0'],
    ['CONFIG_RANGE', 'R1', '--seed', '1.5'],
    ['CONFIG_TYPE', 'R1', '--seed', '1', '--seed', '1'],
    ['CONFIG_UNKNOWN_KEY', 'R1', '--sede', '1'],
    ['CONFIG_UNKNOWN_KEY', 'R1', 'R2'],
  ]) {
    const { status, stderr, stdout } = await play(['reproduce', ...words]);
    assert.match(stderr, new RegExp(`^hearsay: ${code}: [^\\n]+\\n$`), words.join(' '));
    assert.deepEqual([status, stdout], [2, '']);
  }
  assert.equal(existsSync('runs/reproduce/R14'), false);
});

test('--help has a line for each option, with its range and its default', async () => {
  const { status, stdout, loads } = await play(['reproduce', '--help'], { columns: 1000 });
  assert.deepEqual([status, loads], [0, 0]);
  for (const [key, { about, unit, range, fallback, placeholder }] of Object.entries(reproduceOptions as Record<string, Option>)) {
    const line = stdout.split('\n').find(candidate => candidate.trim().startsWith(`--${flagName(key)} `));
    for (const part of [about, unit ?? '', placeholder ? range : '(a switch;', `default ${fallback}`])
      assert.ok(line?.includes(part), `${part} is not in: ${line}`);
  }
});

test('a table for people: expected, measured, where from, a verdict, and where it is kept', async () => {
  const out = join(folder, 'people');
  const { status, stdout, stderr } = await play(['reproduce', 'R1', '--out', out, '--threads', '2'], { reproductions });
  assert.equal(status, 0);
  assert.match(stdout, /^R1: staleness of gossip/);
  assert.match(stdout, /Expected \(exact\)/);
  assert.match(stdout, /\n {2,}expected {2,}measured {2,}\+- {2,}off {2,}allowed {2,}from\n/);
  assert.equal(stdout.match(/\ncomplete, rate .*, n = 6 .* % {2,}5 % {2,}exact {2}ok/g)?.length, 3);
  assert.match(stdout, /\nall 3 rows as expected; [\d.]+ s\n/);
  assert.ok(stdout.endsWith(`\nkept in ${out}\n`));
  const lines = stderr.trimEnd().split('\n');
  assert.equal(lines.length, 1 + 3, stderr); // the start, and a line a configuration
  assert.match(lines[0], /^R1: .* \| 2 threads, seed 1$/);
  assert.match(lines[3], /^3 of 3 runs, [\d.]+ s {2}complete, rate /);
  assert.deepEqual(readdirSync(out).sort(), ['points.csv', 'results.json', 'rows.csv', 'staleness.svg']);
});

test('on a terminal the line renews itself', async () => {
  const { stderr } = await play(['reproduce', 'R1', '--out', join(folder, 'terminal')], {
    reproductions,
    isTTY: true,
    columns: 60,
  });
  assert.ok(stderr.split('\r\x1b[K').length > 3);
  const lines = stderr.split('\n').flatMap(line => line.split('\r\x1b[K'));
  for (const line of lines.slice(1)) assert.ok(line.length < 60, line);
});

test('a row outside its tolerance: OFF in the table, status 1, and the files are there', async () => {
  const out = join(folder, 'off');
  const { status, stdout, stderr } = await play(['reproduce', 'R2', '--out', out], { reproductions });
  assert.equal(status, 1);
  assert.match(stdout, /-\d+\.\d % {2,}20 % {2,}exact {2}OFF\n/);
  assert.match(stdout, /\n3 of 3 rows off; /);
  assert.match(stderr, /3 rows off/);
  assert.equal(JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')).passed, false);
  const tight = await play(['reproduce', 'R2', '--out', out, '--quiet'], { reproductions: [planted(1, 1e-9)] });
  assert.deepEqual([tight.status, tight.stdout, tight.stderr], [1, '', '']);
});

test('--json: start, a row each, done; nothing else on stdout, nothing on stderr', async () => {
  const out = join(folder, 'json');
  for (const [id, passed] of [
    ['R1', true],
    ['R2', false],
  ] as const) {
    const { status, stdout, stderr } = await play(['reproduce', id, '--json', '--seed', '3', '--out', out], { reproductions });
    const found = stdout
      .trimEnd()
      .split('\n')
      .map(line => events.parse(JSON.parse(line)));
    assert.deepEqual(
      found.map(({ event }) => event),
      ['start', 'row', 'row', 'row', 'done'],
    );
    const [start, done] = [found[0], found[4]];
    assert.ok(start.event === 'start' && start.seed === 3 && start.configurations === 3);
    assert.ok(done.event === 'done' && done.passed === passed && done.rows.length === 3 && done.out === out);
    assert.deepEqual([status, stderr], [passed ? 0 : 1, '']);
  }
});

test('the same seed gives the same rows, another seed others', async () => {
  const rows = async (seed: string, threads: string) => {
    const out = join(folder, 'seeds');
    await play(['reproduce', 'R1', '--quiet', '--seed', seed, '--threads', threads, '--out', out], { reproductions });
    return readFileSync(join(out, 'rows.csv'), 'utf8');
  };
  const first = await rows('1', '1');
  assert.equal(await rows('1', '3'), first);
  assert.notEqual(await rows('2', '1'), first);
});

/** Stopped after the first configuration, or before it. */
async function interrupted(out: string, rows: 0 | 1, ...words: string[]) {
  let interrupt = () => {};
  const [first] = small.configurations({ seed: 1, threads: 1 });
  const read: typeof first.read = runs => {
    setTimeout(interrupt, 50);
    return first.read(runs);
  };
  const endless = { ...first, name: 'endless', work: -1, runs: [{ ...first.runs[0], time: 1e9 }] };
  const two: Reproduction = { ...small, configurations: () => [...(rows ? [{ ...first, read, work: 1 }] : []), endless] };
  return play(['reproduce', 'R1', '--out', out, '--threads', '1', ...words], {
    reproductions: [two],
    during: signal => {
      interrupt = signal;
      if (rows === 0) setTimeout(signal, 200);
    },
  });
}

test('Ctrl-C: status 130, with what is measured kept, and no chart of another run', { timeout: 30_000 }, async () => {
  const out = join(folder, 'stopped');
  const { status, stdout, stderr } = await interrupted(out, 1);
  assert.equal(status, 130);
  assert.match(stderr, /stopping with what is measured/);
  assert.match(stdout, /stopped by hand with 1 row, 0 of them off/);
  const { stopReason, passed, rows } = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8'));
  assert.deepEqual([stopReason, passed, rows.length], ['aborted', false, 1]);
  const chartless: Reproduction = {
    ...small,
    configurations: around =>
      small.configurations(around).map(one => ({ ...one, read: runs => ({ ...one.read(runs), marks: [] }) })),
  };
  assert.equal((await play(['reproduce', 'R1', '--out', out], { reproductions: [chartless] })).status, 0);
  assert.deepEqual(readdirSync(out).sort(), ['points.csv', 'results.json', 'rows.csv']);
});

test('Ctrl-C before the first row writes nothing and leaves no folder', { timeout: 30_000 }, async () => {
  const out = join(folder, 'at-once');
  const { status, stdout } = await interrupted(out, 0);
  assert.equal(status, 130);
  assert.ok(stdout.endsWith('\nnothing was written\n'), stdout);
  assert.equal(existsSync(out), false);
});

test('Ctrl-C leaves the complete result of before as it was', { timeout: 30_000 }, async () => {
  const out = join(folder, 'complete');
  await play(['reproduce', 'R1', '--out', out], { reproductions });
  const before = readdirSync(out).map(name => [name, readFileSync(join(out, name), 'utf8')]);
  assert.equal(before.length, 4);
  for (const rows of [0, 1] as const) {
    const { status, stdout } = await interrupted(out, rows);
    assert.equal(status, 130);
    if (rows === 1)
      assert.match(stdout, /\nnot kept: .*complete.* holds a complete result of before; --out FOLDER keeps both\n$/);
    assert.deepEqual(
      readdirSync(out).map(name => [name, readFileSync(join(out, name), 'utf8')]),
      before,
    );
  }
  const { stdout } = await interrupted(out, 1, '--json');
  assert.equal(JSON.parse(stdout.trimEnd().split('\n').at(-1)!).out, null);
});

test('a folder that can not be written is refused before anything runs', async () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const { status, stderr } = await play(['reproduce', 'R1', '--out', join(file, 'in')], { reproductions });
  assert.equal(status, 2);
  assert.match(stderr, /^hearsay: OUTPUT_UNWRITABLE: [^\n]+\n$/);
});
