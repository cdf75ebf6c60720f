import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formOf, looksLike, match, readPage } from './page.js';

const page = `# Title

\`\`\`js mine.js
export default 1;
\`\`\`

\`\`\`console exact status=3
$ one \\
    --more
$ two
printed
...
^C
after
\`\`\`

\`\`\`sh
npm install
\`\`\`
`;

test('a page is read as files, commands and other blocks', () => {
  const [file, one, two, other] = readPage(page);
  assert.deepEqual(file, { kind: 'file', name: 'mine.js', text: 'export default 1;\n', at: 3 });
  assert.deepEqual(one, {
    kind: 'command',
    words: 'one \\\n    --more',
    shown: [],
    places: [],
    until: undefined,
    status: 0,
    isExact: true,
    end: 9,
  });
  assert.deepEqual(two, {
    ...{ kind: 'command', words: 'two', shown: ['printed', '...', 'after'], places: [10, 11, 13] },
    ...{ until: '...', status: 3, isExact: true, end: 10 },
  });
  assert.deepEqual(other, { kind: 'other', language: 'sh', at: 17 });
  assert.throws(() => readPage('```js\nnever closed'), /line 1/);
  assert.throws(() => readPage('```console\nprinted by nobody\n```'), /line 2/);
});

test('numbers, hashes, kernels and what stands in brackets do not matter; words do', () => {
  const shown = 'epoch 1.06  ETA 1 min 00 s  loss 1.13  (of 16 nodes)  1 commit went alone  0.4 ms';
  assert.ok(looksLike(shown, 'epoch 10.1  loss 9.1e-4  (of 3 nodes)  2 commits went alone  12 s'));
  assert.ok(!looksLike(shown, 'epoch 1.06  loss 1.13  (of 16 nodes)  1 exchange went alone  0.4 ms'));
  assert.equal(formOf(`hash sha256 ${'a1'.repeat(32)}`), formOf(`hash sha256 ${'b2'.repeat(32)}`));
  assert.ok(looksLike('at http://127.0.0.1:44923/#...', 'at http://127.0.0.1:7654/#bd77faa9'));
  assert.ok(!looksLike('hash 1', 'hash 2', true));
});

test('dots stand for any number of lines, and only for whole ones', () => {
  assert.deepEqual(
    match(['a', '...', 'c'], ['a', 'x', 'y', 'c'], true),
    new Map([
      [0, 0],
      [2, 3],
    ]),
  );
  assert.deepEqual(match(['...', 'c', '...'], ['c'], true), new Map([[1, 0]]));
  assert.equal(match(['a', '...', 'c'], ['a', 'x'], true), undefined);
  assert.equal(match(['a'], ['a', 'b'], true), undefined);
  assert.equal(match([], ['a'], true), undefined);
  assert.deepEqual(match([], [], true), new Map());
});
