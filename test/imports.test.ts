/** Imports go downward only, threads live in one folder, and nothing below them reads a clock or rolls a die. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize, relative, sep } from 'node:path';
import { test } from 'node:test';
import { importsOf, type Token, tokens } from './support/tokens.js';

/** What each part of src may import from src, beside itself. Files that lie in src itself and are not listed are the bottom. */
const below: Readonly<Record<string, readonly string[]>> = {
  bottom: [],
  chart: ['bottom'],
  data: ['bottom'],
  models: ['bottom'],
  topology: ['bottom'],
  theory: ['bottom', 'topology'],
  engine: ['bottom', 'data', 'models', 'topology'],
  threads: ['bottom', 'data', 'models', 'topology', 'engine'],
  testing: ['bottom', 'data', 'models', 'topology', 'engine'],
  reproduce: ['bottom', 'chart', 'data', 'models', 'topology', 'theory', 'engine', 'threads', 'testing'],
  dashboard: ['bottom', 'engine', 'topology'],
  cli: ['bottom', 'chart', 'data', 'models', 'topology', 'theory', 'engine', 'threads', 'reproduce', 'dashboard'],
  face: ['bottom', 'chart', 'data', 'models', 'topology', 'theory', 'engine', 'threads', 'testing', 'reproduce'],
};

/** Who may import a package or a module of Node's; whoever is not named may not. Packages that are not listed nobody may. */
const packages: Readonly<Record<string, readonly string[]>> = {
  'node:worker_threads': ['threads'],
  piscina: ['threads'],
  commander: ['cli'],
  zod: ['engine', 'cli'],
  'csv-parse': ['data'],
  'csv-parse/sync': ['data'],
  fflate: ['data'],
  'protobufjs/light.js': ['models', 'cli'],
  hyparquet: ['data'],
  'hyparquet/src/column.js': ['data'],
  'fast-check': ['testing'],
  'd3-scale': ['chart'],
  'd3-shape': ['chart'],
};

/** Files that import what they are told to: a user's module, a package that may be missing. */
const computed = ['engine/modules.ts', 'cli/doctor.ts', 'models/tensorflow/backend.ts'];

/** Modules of Node's with an outside: not for the part that must run the same in virtual time. */
const outside = ['child_process', 'cluster', 'dgram', 'http', 'https', 'net', 'os', 'perf_hooks', 'readline', 'timers', 'tty'];
/** Puts counted draws in the place of Math.random while TensorFlow.js computes. */
const replacesRandom = join('models', 'tensorflow', 'counted.ts');
const pure = ['bottom', 'chart', 'data', 'engine', 'models', 'topology', 'theory'];

const root = 'src';
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts') && !name.endsWith('.d.ts'))
  .map(name => ({ name, part: partOf(name), text: readFileSync(join(root, name), 'utf8') }));
/** Those of the kernels are in another language, with imports of its own. */
const files = sources.filter(({ name }) => !name.startsWith(join('models', 'kernels', 'simd') + sep));

test('there is something to look at', () => {
  assert.ok(files.length > 20);
  assert.ok(files.some(({ text }) => importsOf(tokens(text)).length > 3));
});

test('every file belongs to a part', () => {
  for (const { name, part } of files)
    assert.ok(part in below, `${name}: no rule for ${part}; add it to this test and to docs/design.md`);
});

test('imports go downward only', () => {
  const faults = files.flatMap(({ name, part, text }) =>
    importsOf(tokens(text))
      .filter(source => source.startsWith('.'))
      .map(source => normalize(join(name, '..', source)))
      .filter(target => partOf(target) !== part && !below[part].includes(partOf(target)))
      .map(target => `${name} imports ${target}`),
  );
  assert.deepEqual(faults, []);
});

test('every relative import names a file that exists', () => {
  const known = new Set(files.map(({ name }) => name.replace(/\.ts$/, '.js')));
  const faults = files.flatMap(({ name, text }) =>
    importsOf(tokens(text))
      .filter(source => source.startsWith('.') && !known.has(normalize(join(name, '..', source))))
      .map(source => `${name} imports ${source}`),
  );
  assert.deepEqual(faults, []);
});

test('packages are used where they belong', () => {
  const faults = files.flatMap(({ name, part, text }) =>
    importsOf(tokens(text))
      .filter(source => !source.startsWith('.'))
      .filter(source => {
        if (source === '?') return !computed.includes(name);
        if (source in packages) return !packages[source].includes(part);
        return !source.startsWith('node:') || (pure.includes(part) && outside.includes(source.slice(5).split('/')[0]));
      })
      .map(source => `${name} imports ${source}`),
  );
  assert.deepEqual(faults, []);
});

test('time and randomness are arguments below the threads', () => {
  const banned = [
    ['Date'],
    ['performance'],
    ['Math', '.', 'random'],
    ['random', '}', '=', 'Math'],
    ['getRandomValues'],
    ['randomBytes'],
    ['randomUUID'],
    ['hrtime'],
    ['uptime'],
    ['setTimeout'],
    ['setInterval'],
    ['setImmediate'],
    ['Worker'],
  ];
  const faults = sources
    .filter(({ name, part }) => pure.includes(part) && name !== replacesRandom)
    .flatMap(({ name, text }) => {
      const code = tokens(text).filter(({ kind }) => kind !== 'string');
      return banned.filter(words => occurs(words, code)).map(words => `${name}: ${words.join(' ')}`);
    });
  assert.deepEqual(faults, []);
});

test('threads load no checks of options: those take longer than all the rest', () => {
  const seen = new Set<string>();
  const waiting = [join('threads', 'worker.ts')];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const text = sources.find(source => source.name === name)!.text;
    // Imports of types alone are gone when it runs.
    for (const [, specifier] of text.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gms)) {
      assert.notEqual(specifier, 'zod', name);
      if (specifier.startsWith('.')) waiting.push(normalize(join(name, '..', specifier.replace(/\.js$/, '.ts'))));
    }
  }
  assert.ok(seen.size > 100, `${seen.size} files`);
});

function occurs(words: readonly string[], code: readonly Token[]): boolean {
  return code.some((_, at) => words.every((word, k) => code[at + k]?.text === word));
}

function partOf(name: string): string {
  const [first, ...rest] = relative('.', name).split(sep);
  if (rest.length > 0) return first;
  return /^(index|testing)\.[jt]s$/.test(first) ? 'face' : 'bottom';
}
