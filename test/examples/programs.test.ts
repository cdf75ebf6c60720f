/** Every example that is a program runs as its head says, and prints what it is there to show. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);

const programs: Readonly<Record<string, RegExp>> = {
  algorithms: /^swarm:steps=2: worst node [\d.]+ \+- [\d.]+ %, \d+ exchanges\nnone: .*, 0 exchanges\n$/,
  arrays:
    /^squared error \/ 2: 0\.0\d+ on rows that were held out\nsin\(1\.5\) 0\.5 is taken for 0\.[345]\d, and is 0\.50\n.* is taken for -0\.[345]\d, and is -0\.50\n$/,
  library: /^\d+ steps: accuracy 0\.\d+\n[\s\S]*samples\/s on \d+ threads?\na blank picture is taken for a \d\n$/,
  record: /^\d+ steps in \d+ bytes\non 1 thread: the same bits\non 2 threads: the same bits\n$/,
  resume: /^half of it: (\d+) steps; gone on with: (\d+); at once: \2\nthe same bits\n$/,
  table: /^accuracy (9\d|100) % on the fifth that was held out; classes setosa, versicolor, virginica\n1\.4 x 0\.2 is setosa\n$/,
  watch: /^(running|paused|\w+): \d+ steps, [\s\S]*aborted after \d+ epochs, loss 0\.\d+\n$/,
};

for (const [name, printed] of Object.entries(programs))
  test(`examples/${name}.ts`, { timeout: 60_000 }, async () => {
    const { stdout, stderr } = await run(process.execPath, [`dist/examples/${name}.js`]);
    assert.match(stdout, printed);
    assert.equal(stderr, '');
  });

test('every example says how it is run, is listed, and is run here or has a test of its own', () => {
  const index = readFileSync('examples/README.md', 'utf8');
  const tests = readdirSync('test/examples');
  for (const file of readdirSync('examples').filter(name => name.endsWith('.ts'))) {
    const name = file.replace('.ts', '');
    const text = readFileSync(`examples/${file}`, 'utf8');
    assert.match(text, new RegExp(`^/[*]{2}[^]*?(node|hearsay train [^]*)[^]* [./]*dist/examples/${name}[.]js`), file);
    assert.ok(index.includes(`[${file}](${file})`), `${file} is not in examples/README.md`);
    assert.ok(Object.hasOwn(programs, name) || tests.includes(`${name}.test.ts`), `nothing runs ${file}`);
  }
});
