import assert from 'node:assert/strict';
import { test } from 'node:test';
import { algorithms } from '../../src/engine/algorithms/table.js';
import { play } from './stage.js';

test('hearsay algorithms has every algorithm, its source, what it keeps, and its settings with ranges and defaults', async () => {
  const { status, stdout, stderr, loads } = await play(['algorithms'], { columns: 1000 });
  assert.deepEqual([status, stderr, loads], [0, '', 0]);
  const blocks = stdout.trimEnd().split('\n\n');
  assert.equal(blocks.length, Object.keys(algorithms).length);
  for (const [k, [name, { about, source, settings }]] of Object.entries(algorithms).entries()) {
    const [first, from, keeps, ...rest] = blocks[k].split('\n');
    assert.equal(first, `${name}  ${about}`);
    assert.ok(from.startsWith('  from   ') && from.includes(source.authors ?? source.method ?? 'our own'), from);
    if (source.arxiv) assert.ok(from.endsWith(`arXiv ${source.arxiv}`), from);
    assert.match(keeps, /^ {2}keeps {2}(mean|hull|sums|nothing)/);
    assert.equal(rest.length, Object.keys(settings).length);
    for (const [key, { about, range, fallback }] of Object.entries(settings))
      assert.ok(rest.includes(`    ${key}=  ${about} (${range}; default ${fallback})`), `${name}: ${key}`);
  }
});

test('one algorithm in full says how its rule is known, and what its words mean', async () => {
  const { status, stdout } = await play(['algorithms', 'easgd'], { columns: 1000 });
  assert.equal(status, 0);
  assert.match(
    stdout,
    /^easgd {2}models on springs to a centre\n {2}from {3}EASGD \(Zhang, Choromanska, LeCun\), NIPS 2015, arXiv/,
  );
  assert.match(
    stdout,
    /\n {2}rule known from: standard method, the asynchronous form, from memory\n {2}sums: .*\n {2}hull: .*\n$/,
  );
  const narrow = await play(['algorithms', 'swarm'], { columns: 60 });
  assert.ok(narrow.stdout.split('\n').every(line => line.length < 60));
});

test('programs get one object', async () => {
  const { stdout } = await play(['algorithms', '--json']);
  const all = JSON.parse(stdout);
  assert.deepEqual(
    all.algorithms.map(({ name }: { name: string }) => name),
    Object.keys(algorithms),
  );
  const one = await play(['algorithms', 'adpsgd', '--json']);
  const { provenance, ...source } = JSON.parse(one.stdout).source;
  assert.deepEqual(source, {
    method: 'AD-PSGD',
    authors: 'Lian, Zhang, Zhang, Liu',
    venue: 'ICML',
    year: 2018,
    arxiv: '1710.06952',
  });
  assert.ok(provenance.includes('memory'));
  assert.deepEqual(JSON.parse(one.stdout).settings.weight, {
    about: "weight of the partner's model in an average",
    range: 'a number from 0 to 1',
    default: '0.5',
  });
  assert.deepEqual(JSON.parse(one.stdout), all.algorithms[2]);
});

test('a name that nobody has is refused with the nearest', async () => {
  const { status, stdout, stderr } = await play(['algorithms', 'swarn']);
  assert.deepEqual([status, stdout], [2, '']);
  assert.match(stderr, /^hearsay: CONFIG_RANGE: algorithms: found 'swarn', allowed is swarm \| .*; did you mean swarm\?\n$/);
});
