/** Files that are there whole, or as they were. */

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What is being written: see `removeDrafts`. */
const drafts = new Set<string>();

/** A reader sees the old file or the new one, all `parts` of it, never less, even after a loss of power. */
export async function replaceFile(path: string, ...parts: readonly Uint8Array[]): Promise<void> {
  const draft = draftOf(path);
  try {
    const file = await open(draft, 'w');
    try {
      for (const part of parts) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  } finally {
    drafts.delete(draft);
  }
}

/** The same of a file that `write` writes piece by piece, into the open file that it is given. */
export function replaceFileBy(path: string, write: (file: number) => void): void {
  const draft = draftOf(path);
  try {
    const file = openSync(draft, 'w');
    try {
      write(file);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  } finally {
    drafts.delete(draft);
  }
}

/** The same of a text, at once. */
export function replaceText(path: string, text: string): void {
  replaceFileBy(path, file => writeFileSync(file, text));
}

/** Takes away what is half written, for a process that ends at once. */
export function removeDrafts(): void {
  for (const draft of drafts) rmSync(draft, { force: true });
}

/** Throws what the system says of a file that can't be written there; leaves nothing. */
export function tryFile(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory())
    throw Object.assign(new Error('EISDIR: illegal operation on a directory'), { code: 'EISDIR' });
  const draft = draftOf(path);
  closeSync(openSync(draft, 'w'));
  rmSync(draft);
  drafts.delete(draft);
}

/** The new name is on the disk too. Not everywhere can a folder be opened for that (Windows). */
function syncFolder(folder: string): void {
  try {
    const opened = openSync(folder, 'r');
    fsyncSync(opened);
    closeSync(opened);
  } catch {
    // Then the system writes it when it likes.
  }
}

function draftOf(path: string): string {
  const draft = `${path}.${process.pid}.tmp`;
  drafts.add(draft);
  return draft;
}
