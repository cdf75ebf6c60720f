/** What can't be written, and what to do about it. */

import { HearsayError } from './errors.js';

/** OUTPUT_UNWRITABLE for what the system said of `where`, an option and its file, say. */
export function unwritable(where: string, error: unknown): HearsayError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  // Of what was called on which file nobody knows but us: it may be a draft.
  const said = message.replace(/, \w+( '.*)?$/s, '');
  return new HearsayError('OUTPUT_UNWRITABLE', `${where}: ${said}; ${remedies[code] ?? 'give another file'}`, {
    cause: error,
  });
}

const remedies: Readonly<Record<string, string>> = {
  ENOENT: 'give a file in a folder that exists',
  ENOTDIR: 'give a file in a folder that exists',
  EISDIR: 'give a file, not a folder',
  EACCES: 'give a file that may be written',
  EPERM: 'give a file that may be written',
  EROFS: 'give a file on a disk that can be written',
  ENOSPC: 'make room, or give a file on another disk',
  EDQUOT: 'make room within the quota, or give a file elsewhere',
  EFBIG: 'raise the limit on the size of a file (ulimit -f)',
};
