/** The folder of --out: metrics.jsonl (every event), manifest.json (the first one) and model.safetensors (the mean model). */

import { appendFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RunEvent, Summary } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import { makeFolder, removeFolders } from '../makefolder.js';

export interface Folder {
  readonly path: string;
  /**
   * Appends the event; the first one is the manifest too, and takes the model of a run before away. A failure is told to `warn` once, and
   * the run goes on.
   */
  record(event: RunEvent | Summary): void;
  /** Runs `save` with the path of the model's file. A failure is told to `warn`. */
  keep(save: (path: string) => Promise<void>): Promise<void>;
  /** Takes back the folders that were made, when nothing was recorded. */
  discard(): void;
}

/** Makes the folder and tries it. Throws OUTPUT_UNWRITABLE. */
export function openFolder(folder: string, warn: (text: string) => void): Folder {
  const path = resolve(folder);
  const metrics = join(path, 'metrics.jsonl');
  const model = join(path, 'model.safetensors');
  let made: string | undefined;
  try {
    made = makeFolder(path);
    const probe = join(path, `.hearsay.${process.pid}.tmp`);
    writeFileSync(probe, '');
    unlinkSync(probe);
  } catch (error) {
    throw new HearsayError(
      'OUTPUT_UNWRITABLE',
      `--out ${folder}: ${(error as Error).message}; give a folder that can be written`,
      {
        cause: error,
      },
    );
  }
  let events = 0;
  let failed = false;
  const attempt = (what: string, write: () => void) => {
    try {
      write();
    } catch (error) {
      if (!failed) warn(`OUTPUT_UNWRITABLE: ${what}: ${(error as Error).message}; the run goes on without it`);
      failed = true;
    }
  };
  return {
    path,
    record(event) {
      if (event.event === 'start') {
        // Whatever becomes of this run: the model of another does not stand beside its numbers.
        for (const name of ['model.safetensors', 'nodes.npy']) attempt(name, () => rmSync(join(path, name), { force: true }));
        attempt('manifest.json', () => replace(join(path, 'manifest.json'), `${JSON.stringify(event, null, 2)}\n`));
      }
      const line = `${JSON.stringify(event)}\n`;
      attempt('metrics.jsonl', () => (events === 0 ? writeFileSync(metrics, line) : appendFileSync(metrics, line)));
      events++;
    },
    async keep(save) {
      try {
        await save(model);
      } catch (error) {
        warn(`OUTPUT_UNWRITABLE: model.safetensors: ${(error as Error).message}; the model was not kept`);
      }
    },
    discard() {
      if (events === 0) removeFolders(path, made);
    },
  };
}

/**
 * A file of lines in the folder: the first one replaces what was there, unless it `goesOn`. A failure is told to `warn` once, and the run
 * goes on.
 */
export function openLines(path: string, name: string, warn: (text: string) => void, goesOn = false): (line: string) => void {
  const file = join(path, name);
  let [begun, failed] = [goesOn, false];
  return line => {
    try {
      // The line before may have been cut off.
      if (begun) appendFileSync(file, `${goesOn ? '\n' : ''}${line}\n`);
      else writeFileSync(file, `${line}\n`);
      begun = true;
      goesOn = false;
    } catch (error) {
      if (!failed) warn(`OUTPUT_UNWRITABLE: ${name}: ${(error as Error).message}; the run goes on without it`);
      failed = true;
    }
  };
}

/** Writes a file of the folder. Throws OUTPUT_UNWRITABLE. */
export function writeText(path: string, name: string, text: string): void {
  orUnwritable(path, name, () => replace(join(path, name), text));
}

/** Does something to the file `name` of the folder. Throws OUTPUT_UNWRITABLE for what it throws. */
export function orUnwritable(path: string, name: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    const why = (error as Error).message;
    throw new HearsayError('OUTPUT_UNWRITABLE', `--out ${path}: ${name}: ${why}; give a folder that can be written`, {
      cause: error,
    });
  }
}

/** A reader sees the old file or the new one, never a part. */
function replace(path: string, text: string): void {
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}
