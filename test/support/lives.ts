/** Deaths that are still to be died: files in a folder, each taken by the one thread that removes it. */

import { mkdtempSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A folder below `root` with so many. */
export function lives(root: string, count: number): string {
  const folder = mkdtempSync(join(root, 'lives-'));
  grant(folder, count);
  return folder;
}

/** So many more. */
export function grant(folder: string, count: number): void {
  const before = readdirSync(folder).length;
  for (let k = 0; k < count; k++) writeFileSync(join(folder, `${before}-${k}`), '');
}

/** Takes one; false where none is left. */
export function take(folder: string): boolean {
  for (const name of readdirSync(folder)) {
    try {
      unlinkSync(join(folder, name));
      return true;
    } catch {
      // another thread was faster
    }
  }
  return false;
}
