/** What is said while rows are counted: nothing of what is quick, a line that renews itself on a terminal, some lines elsewhere. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counting } from '../../src/cli/counting.js';

/** What is written while 10,000 rows take so many milliseconds, a hundred at a time. */
function said(milliseconds: number, isTTY: boolean, quiet = false): string[] {
  const written: string[] = [];
  let now = 5000;
  const stderr = { write: (text: string) => written.push(text), isTTY, columns: 100 };
  const result = counting(
    { stderr, env: {} },
    quiet,
    'judged',
    watch => {
      for (let done = 100; done <= 10_000; done += 100) {
        now += milliseconds / 100;
        watch?.(done, 10_000);
      }
      return 'what it gives';
    },
    'rows',
    () => now,
  );
  assert.equal(result, 'what it gives');
  return written;
}

test('work of less than a second says nothing, and quiet work never does', () => {
  for (const isTTY of [true, false]) {
    assert.deepEqual(said(900, isTTY), []);
    assert.deepEqual(said(60_000, isTTY, true), []);
  }
});

test('elsewhere than on a terminal a line stays, one every two seconds', () => {
  assert.deepEqual(said(6000, false), [
    '1,700 of 10,000 rows judged  ETA 4.98 s\n',
    '5,100 of 10,000 rows judged  ETA 2.94 s\n',
    '8,500 of 10,000 rows judged  ETA 0.90 s\n',
  ]);
});

test('on a terminal the line renews itself ten times a second, and is closed', () => {
  const written = said(3000, true);
  assert.ok(written.length > 15 && written.length < 25, String(written.length));
  assert.match(written[0], /^\r.*3,400 of 10,000 rows judged {2}ETA 1\.98 s$/);
  assert.equal(written.at(-1), '\n');
  assert.throws(() => counting({ stderr: { write() {} }, env: {} }, false, '', () => assert.fail('as it is')), /as it is/);
});
