/** Folders that are made for what is written into them, and taken back where nothing is. */

import { existsSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it; returns the first one made, undefined where all are there. (mkdir's own recursion never ends below
 * /proc.) Throws what the system says.
 */
export function makeFolder(folder: string): string | undefined {
  const path = resolve(folder);
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path).isDirectory()) return undefined;
    const above = dirname(path);
    if (code !== 'ENOENT' || existsSync(above)) throw error;
    const first = makeFolder(above);
    mkdirSync(path);
    return first ?? path;
  }
}

/** Takes back what `makeFolder` of `folder` has made: those that are empty. */
export function removeFolders(folder: string, made: string | undefined): void {
  if (made === undefined) return;
  try {
    for (let path = resolve(folder); path.startsWith(made); path = dirname(path)) rmdirSync(path);
  } catch {
    // Somebody put a file there meanwhile: then it is theirs.
  }
}
