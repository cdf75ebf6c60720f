/**
 * One run at a time in a folder: a file there names the process that has it. It goes with the run, and that of a process that is gone is
 * taken over.
 */

import { linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HearsayError } from '../errors.js';
import { makeFolder, removeFolders } from '../makefolder.js';
import { readPlain } from '../plainfile.js';
import { unwritable } from '../unwritable.js';

const lockName = 'run.lock';

/** Makes the folder, where there is none, and takes it; returns who gives it back. Throws LOCKED (which process has it), OUTPUT_UNWRITABLE. */
export function lockFolder(folder: string): () => void {
  const path = join(folder, lockName);
  const own = `${process.pid} ${birthOf(process.pid) ?? ''}\n`;
  try {
    const made = makeFolder(folder);
    while (!create(path, own)) {
      const found = read(path);
      if (found === undefined) continue; // it has just been given back
      if (isAlive(found)) throw locked(folder, found);
      takeAway(path, found, folder);
    }
    clearDrafts(folder);
    return () => {
      if (read(path) === own) rmSync(path, { force: true });
      removeFolders(folder, made);
    };
  } catch (error) {
    if (error instanceof HearsayError) throw error;
    throw unwritable(folder, error);
  }
}

/** False when the file is there already. It is there with its text, or not at all. */
function create(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text);
    try {
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      writeFileSync(path, text, { flag: 'wx' }); // some file systems have no links
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the file of a process that is gone, and no other: it may be that of another who did so first. */
function takeAway(path: string, found: string, folder: string): void {
  const aside = `${path}.${process.pid}.tmp`;
  try {
    renameSync(path, aside);
  } catch {
    return; // another was faster
  }
  const taken = read(aside);
  if (taken !== undefined && taken !== found && isAlive(taken)) {
    linkSync(aside, path);
    rmSync(aside);
    throw locked(folder, taken);
  }
  rmSync(aside);
}

function locked(folder: string, found: string): HearsayError {
  const process = Number.parseInt(found, 10);
  const who = Number.isNaN(process) ? 'another run' : `a run of process ${process}`;
  return new HearsayError('LOCKED', `${folder}: ${who} is at work in it; wait for its end, or give another folder`);
}

function read(path: string): string | undefined {
  try {
    return readPlain(path, 100);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Takes away what processes have left that were killed while they took the folder. */
function clearDrafts(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /^run\.lock\.(\d{1,10})\.tmp$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(`${pid} \n`)) rmSync(join(folder, name), { force: true });
  }
}

/** What is no lock of ours is somebody's. */
function isAlive(text: string): boolean {
  const [, digits, birth] = /^(\d{1,10}) (\d*)\n$/.exec(text) ?? [];
  if (digits === undefined) return true;
  const pid = Number(digits);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const now = birthOf(pid);
  return birth === '' || now === undefined || now === birth;
}

/** When a process began, as Linux counts: its number alone may be another's by now. */
function birthOf(pid: number): string | undefined {
  try {
    // The name of the program, in parentheses, may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')[19];
  } catch {
    return undefined;
  }
}
