/**
 * What a user's mistake must lead to: an error with its code, on one line that names the place, what was found and what is
 * allowed.
 */

import assert from 'node:assert/strict';
import { type ErrorCode, HearsayError } from '../../src/errors.js';

export function refused(run: () => unknown, code: ErrorCode, ...words: (string | RegExp)[]): void {
  let error: unknown;
  try {
    run();
  } catch (caught) {
    error = caught;
  }
  assert.ok(error instanceof HearsayError, `${error ?? 'accepted'}`);
  const { message } = error;
  assert.equal(error.code, code, message);
  assert.ok(!message.includes('\n') && message.length < 600, message);
  for (const word of words)
    assert.ok(typeof word === 'string' ? message.includes(word) : word.test(message), `${word}: ${message}`);
}
