/** The pages of the commands: their tables are those of --help, and their examples print what they say. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { follow } from './follow.js';
import { parts, withPart } from './generated.js';
import { readPage } from './page.js';
import { commandPages } from './pages.js';

const read = (path: string) => readFileSync(path, 'utf8');

test('there is a page for each command, and for nothing else', () => {
  const wanted = parts().map(({ page }) => page.replace('docs/commands/', ''));
  assert.deepEqual(readdirSync('docs/commands').sort(), wanted.sort());
});

for (const part of parts())
  test(`${part.page} has what --help prints`, () => {
    assert.equal(withPart(read(part.page), part), read(part.page), 'run npm run docs');
  });

for (const page of commandPages()) {
  const text = read(page);
  test(`${page}: every block is typed`, () => {
    const others = readPage(text).filter(block => block.kind === 'other' && block.language !== 'text');
    assert.deepEqual(others, []);
  });
  test(`${page}: its commands print what it says`, { timeout: 120_000 }, async () => {
    const { steps } = await follow(text);
    const faults = steps.filter(({ fault }) => fault !== '').map(({ name, fault }) => `$ ${name}\n${fault}`);
    assert.deepEqual(faults, []);
  });
}
