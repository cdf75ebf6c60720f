/** Every link of the documents leads somewhere: to a file that is there, and to a heading that it has. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const documents = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map(name => join('docs', name)),
].filter(name => name.endsWith('.md'));

const withoutBlocks = (text: string) => text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');

/** The anchors that GitHub gives a document: of its headings, of two alike the second with -1, and those that are written. */
export function anchorsOf(text: string): Set<string> {
  const found = new Set<string>();
  const headings = text.replace(/^```.*?^```$/gms, '').matchAll(/^#{1,6} +(.*)$/gm);
  for (const [, heading] of headings) {
    const words = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/\\(.)/g, '$1')
      .toLowerCase();
    const name = words.replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '').replaceAll(' ', '-');
    let anchor = name;
    for (let k = 1; found.has(anchor); k++) anchor = `${name}-${k}`;
    found.add(anchor);
  }
  for (const [, id] of text.matchAll(/<a id="([^"]+)">/g)) found.add(id);
  return found;
}

test('headings have the anchors that GitHub gives them', () => {
  const text = '# 6. Virtual time: the same bits\n## `a_b` (c)\n## Options\n## Options\n```\n# none\n```\n<a id="x"></a>';
  assert.deepEqual([...anchorsOf(text)], ['6-virtual-time-the-same-bits', 'a_b-c', 'options', 'options-1', 'x']);
});

test('there are documents', () => assert.ok(documents.length > 25));

for (const document of documents)
  test(`the links of ${document} lead somewhere`, () => {
    const text = readFileSync(document, 'utf8');
    const lost: string[] = [];
    for (const [, link] of withoutBlocks(text).matchAll(/\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)/g)) {
      if (/^(https?:|mailto:)/.test(link)) continue;
      const [path, anchor] = link.split('#');
      const target = path === '' ? document : normalize(join(dirname(document), path));
      if (!existsSync(target) || target.startsWith('..')) lost.push(link);
      else if (anchor !== undefined && (statSync(target).isDirectory() || !anchorsOf(readFileSync(target, 'utf8')).has(anchor)))
        lost.push(link);
    }
    assert.deepEqual(lost, []);
  });
