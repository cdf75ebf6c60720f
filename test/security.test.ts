/** What is not trusted, and how: statements of docs/security.md that can be read off the sources, or off what configuration becomes. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { parseExperiment } from '../src/engine/experiment.js';
import { options } from '../src/engine/options.js';
import { HearsayError } from '../src/errors.js';
import { parseJson } from '../src/json.js';
import { cases } from './support/cases.js';

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts') && !name.includes(join('kernels', 'simd')))
  .map(name => ({ name: name.replaceAll('\\', '/'), text: readFileSync(join('src', name), 'utf8') }));

/** Files with the pattern in their code. */
function holding(pattern: RegExp): string[] {
  const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
  return sources
    .filter(({ text }) => pattern.test(code(text)))
    .map(({ name }) => name)
    .sort();
}

test('no text becomes a program: no eval, no new Function, no vm', () => {
  assert.deepEqual(holding(/\beval\s*\(|new Function\b|\bFunction\s*\(|node:vm|setTimeout\(\s*['"`]/), []);
});

test('JSON from outside is parsed in one place, which bounds its depth', () => {
  assert.deepEqual(holding(/JSON\.parse\(/), [
    'cli/compare/kept.ts', // what was an object a moment ago
    'json.ts',
    'threads/resume.ts', // what was an object a moment ago
    'threads/version.ts', // our own package.json
  ]);
});

test('files are opened to be read by those who do not wait for a FIFO', () => {
  assert.deepEqual(holding(/readFileSync\((?!file\b|opened\b)|createReadStream\(path\)|readFile\('/), [
    'dashboard/files.ts', // our own page
    'threads/basis.ts', // modules, which have run already
    'threads/cores.ts', // the control group's
    'threads/folderlock.ts', // of a run in this folder
    'threads/version.ts', // our own package.json
  ]);
});

test('an experiment is a fresh object of known keys, and so are its parts', () => {
  const stragglers = [{ node: 1, factor: 2 }];
  const until = { metric: 'loss', value: 1 } as const;
  const experiment = parseExperiment(Object.assign(Object.create({ nodes: 9, evil: 1 }), { stragglers, until }));
  assert.equal(Object.getPrototypeOf(experiment), Object.prototype);
  assert.deepEqual(Object.keys(experiment), Object.keys(options));
  assert.equal(experiment.nodes, 16, 'what an object inherits is not its own');
  assert.notEqual(experiment.stragglers, stragglers);
  assert.notEqual(experiment.stragglers[0], stragglers[0]);
  assert.notEqual(experiment.until, until);
  assert.ok(!('evil' in experiment));
});

test('keys of prototypes are refused wherever an experiment has keys, and change nothing', () => {
  for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__']) {
    for (const text of [
      `{"${key}": {"nodes": 4}}`,
      `{"until": {"metric": "loss", "value": 1, "${key}": {"x": 1}}}`,
      `{"stragglers": [{"node": 1, "factor": 2, "${key}": 3}]}`,
      `{"evaluateEvery": {"value": 1, "unit": "steps", "${key}": 3}}`,
    ])
      assert.throws(() => parseExperiment(parseJson(text)), { name: 'HearsayError', code: 'CONFIG_UNKNOWN_KEY' }, text);
  }
  assert.equal(({} as { nodes?: number }).nodes, undefined);
  assert.equal(({} as { x?: number }).x, undefined);
});

test('any JSON is an experiment or a named refusal, and never changes a prototype', () => {
  const known = Object.keys(options);
  const key = fc.oneof(fc.constantFrom(...known), fc.constantFrom('__proto__', 'constructor', 'x'));
  const before = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.jsonValue({ maxDepth: 3 })), { maxLength: 4 }), entries => {
      const text = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`;
      try {
        parseExperiment(parseJson(text, true));
      } catch (error) {
        if (error instanceof SyntaxError) return assert.match(error.message, /is there twice/);
        assert.ok(error instanceof HearsayError, `${text}: ${(error as Error).stack}`);
        assert.match(error.code, /^CONFIG_/, text);
        assert.ok(!error.message.includes('\n'), error.message);
      }
    }),
    cases(3000),
  );
  assert.equal(JSON.stringify(Object.getOwnPropertyNames(Object.prototype)), before);
});

test('JSON is what JSON.parse makes of it, up to 100 levels, and each key once where that is asked for', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 8 }), text => assert.deepEqual(parseJson(text), JSON.parse(text))),
    cases(2000),
  );
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), fc.boolean(), (value, wide) => {
      const text = JSON.stringify(value, null, wide ? 2 : 0);
      assert.deepEqual(parseJson(text, true), JSON.parse(text));
    }),
    cases(2000),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]":,\\ab1 ') }), text => {
      let expected: unknown;
      try {
        expected = JSON.parse(text);
      } catch {
        assert.throws(() => parseJson(text, true), SyntaxError);
        return;
      }
      assert.deepEqual(parseJson(text), expected);
    }),
    cases(5000),
  );
  const nested = (levels: number) => `${'[{"a":'.repeat(levels / 2)}1${'}]'.repeat(levels / 2)}`;
  assert.ok(parseJson(nested(100)));
  assert.throws(() => parseJson(nested(102)), /nested deeper than 100 levels at position/);
  assert.ok(parseJson('["[[[[", "\\"[[[["]'));
  assert.throws(() => parseJson('{"a": 1, "b": {"a": 1}, "a" : 2}', true), /the key "a" is there twice, at position 24/);
  assert.ok(parseJson('{"a": 1, "b": {"a": 1}, "c": ["a", "a"], "d": "a"}', true));
  const deepText = '['.repeat(2 ** 24);
  const before = process.memoryUsage().rss;
  assert.throws(() => parseJson(deepText), /nested deeper/);
  assert.ok(process.memoryUsage().rss - before < 2 ** 26);
});

test('the tests run with prototypes locked, in threads too', async () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const name of ['test:alone', 'test:together']) assert.match(scripts[name], /^node --disable-proto=throw /);
  if (!process.execArgv.includes('--disable-proto=throw')) return;
  assert.throws(() => Reflect.get({}, '__proto__'), { code: 'ERR_PROTO_ACCESS' });
  const worker = new Worker(
    'try { ({}).__proto__ } catch (e) { require("node:worker_threads").parentPort.postMessage(e.code) }',
    { eval: true },
  );
  assert.equal(await new Promise(resolve => worker.once('message', resolve)), 'ERR_PROTO_ACCESS');
});
