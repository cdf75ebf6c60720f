import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { algorithmsOptions } from '../../src/cli/algorithms.js';
import { catalogue } from '../../src/cli/appendix.js';
import { compareOptions } from '../../src/cli/compare.js';
import { configSchema, flagName, outputOptions } from '../../src/cli/options.js';
import { replayOptions } from '../../src/cli/replay.js';
import { reportOptions } from '../../src/cli/report.js';
import { reproduceOptions } from '../../src/cli/reproduce.js';
import type { Option } from '../../src/engine/option.js';
import { options } from '../../src/engine/options.js';
import { play } from './stage.js';

const all = { ...options, ...outputOptions };

for (const [command, wrong] of [
  ['train', 'virtual'],
  ['simulate', 'live'],
] as const) {
  test(`${command} --help has a line for each option, with its unit, its range and its default`, async () => {
    const { status, stdout, loads } = await play([command, '--help'], { columns: 1000 });
    assert.equal(status, 0);
    assert.equal(loads, 0);
    for (const [key, { about, unit, range, fallback, only, placeholder }] of Object.entries(all as Record<string, Option>)) {
      const line = stdout.split('\n').find(candidate => candidate.trim().startsWith(`--${flagName(key)} `));
      if (only === wrong || (command === 'simulate' && key === 'deterministic')) {
        assert.equal(line, undefined, `--${flagName(key)} belongs to the other command`);
        continue;
      }
      assert.ok(line, `no line for --${flagName(key)}`);
      for (const part of [about, unit ?? '', placeholder ? range : '(a switch;', `default ${fallback}`])
        assert.ok(line.includes(part), `${part} is not in: ${line}`);
    }
  });
}

test('the help ends with every name that an option takes, its settings, their ranges and their defaults', async () => {
  const { stdout: help } = await play(['simulate', '--help'], { columns: 1000 });
  for (const [key, names] of Object.entries(catalogue)) {
    const section = help.split(`\n\n--${key}\n`)[1]?.split('\n\n')[0] ?? '';
    for (const { form, about, settings } of names) {
      const [, rest] = section.split(`  ${form}  ${about}`);
      assert.ok(rest !== undefined, `${key}: ${form}`);
      const own = rest.split(/\n {2}(?! )/)[0];
      assert.equal(own.trim() === '' ? 0 : own.trim().split('\n').length, Object.keys(settings).length, form);
      for (const [name, { about, range, fallback }] of Object.entries(settings))
        assert.ok(own.includes(`    ${name}=  ${about} (${range}; default ${fallback})`), `${form}:${name}`);
    }
  }
  const { stdout: live } = await play(['train', '--help'], { columns: 1000 });
  assert.ok(live.includes('\n--algorithm\n') && !live.includes('\n--clock\n'), 'virtual time is for simulate');
});

test('the line of an option lists each name of its table', () => {
  for (const [key, names] of Object.entries(catalogue))
    for (const { form } of names) {
      const [name] = form.split(/[:[]/);
      assert.ok((all as Record<string, Option>)[key].range.includes(name), `--${key} has no ${name}`);
    }
});

for (const [command, own] of Object.entries({
  compare: compareOptions,
  replay: replayOptions,
  reproduce: reproduceOptions,
  report: reportOptions,
  algorithms: algorithmsOptions,
})) {
  test(`${command} --help has a line for each option, with its range and its default`, async () => {
    const { stdout } = await play([command, '--help'], { columns: 1000 });
    for (const [key, { about, unit, range, fallback, placeholder }] of Object.entries(own as Record<string, Option>)) {
      const line = stdout.split('\n').find(candidate => candidate.trim().startsWith(`--${flagName(key)} `));
      for (const part of [about, unit ?? '', placeholder ? range : '(a switch;', `default ${fallback}`])
        assert.ok(line?.includes(part), `${part} is not in: ${line}`);
    }
  });
}

test('every option that counts or measures has a unit', () => {
  const bare = Object.entries(all).filter(([key, { placeholder, unit }]) => placeholder === '<n>' && !unit && key !== 'seed');
  assert.deepEqual(bare, []);
});

test('the help fits in 80 columns, and --version is the package', async () => {
  const { stdout } = await play(['train', '--help'], { columns: 80 });
  assert.ok(stdout.split('\n').every(line => line.length <= 80));
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  assert.equal((await play(['--version'])).stdout, `${version}\n`);
});

test('the published schema lists every option with its default, and refuses others', () => {
  const schema = configSchema() as {
    properties: Record<string, { default?: unknown; description?: string }>;
    additionalProperties: unknown;
  };
  assert.deepEqual(Object.keys(schema.properties), ['$schema', ...Object.keys(all)]);
  assert.equal(schema.additionalProperties, false);
  assert.equal(schema.properties.nodes.default, 16);
  for (const key of Object.keys(all)) assert.ok(schema.properties[key].description, key);
  assert.deepEqual(JSON.parse(readFileSync('dist/src/schema.json', 'utf8')), JSON.parse(JSON.stringify(schema)));
});
