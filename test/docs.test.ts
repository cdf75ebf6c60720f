/** What the documents list is what there is. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as testing from '../src/testing.js';

const read = (name: string) => readFileSync(name, 'utf8');

test('docs/extending.md lists every export of hearsay/testing, and no other', () => {
  const [, list] = read('docs/extending.md').split('What `hearsay/testing` exports');
  const rows = list.split('\n\n')[1].split('\n').slice(2);
  const listed = rows.flatMap(row => [...row.split('|')[1].matchAll(/`(\w+)/g)].map(([, name]) => name));
  assert.deepEqual(listed.sort(), Object.keys(testing).sort());
});
