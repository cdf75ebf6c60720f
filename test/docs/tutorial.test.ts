/** The tutorial, typed from top to bottom in an empty folder. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { follow } from './follow.js';
import { readPage } from './page.js';
import { tutorial } from './pages.js';

const text = readFileSync(tutorial, 'utf8');

test('every block of the tutorial is a file that is written or commands that are typed, but for the installation', () => {
  const others = readPage(text).filter(block => block.kind === 'other');
  assert.deepEqual(
    others.map(({ language }) => language),
    ['sh'],
    'a block of another kind would be one that nothing runs',
  );
  assert.match(
    text,
    /```sh\nnpm install \.\.\/hearsay fast-check\n```/,
    'test/package/check.mjs installs the packed package the same way',
  );
});

test('the tutorial prints what it says it prints, and exits as it says', { timeout: 300_000 }, async t => {
  const { steps } = await follow(text);
  assert.ok(steps.length > 20);
  for (const { name, fault } of steps) await t.test(name, () => assert.equal(fault, ''));
});
