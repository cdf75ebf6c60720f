/**
 * The folder of --out: metrics.jsonl (every event), manifest.json (what it was and what came of it), model.safetensors (the mean model)
 * and report.html.
 */

import { appendFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Experiment } from '../engine/experiment.js';
import type { Done, RunEvent, Summary } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import { makeFolder, removeFolders } from '../makefolder.js';
import { replaceText } from '../threads/replacefile.js';
import { failed, type Manifest, manifestOf, reached } from './report/manifest.js';
import { reportFile, writeReport } from './report/write.js';

export interface Folder {
  readonly path: string;
  /**
   * Appends the event; the first one begins the manifest, and takes the model and the report of a run before away. A failure is told to
   * `warn` once, and the run goes on.
   */
  record(event: RunEvent | Summary): void;
  /** Runs `save` with the path of the model's file. A failure is told to `warn`. */
  keep(save: (path: string) => Promise<void>): Promise<void>;
  /** The end of the run, or of all of them: the manifest says what came of it (`error`, when it failed), and the report is written. */
  end(error?: unknown): void;
  /** Takes back the folders that were made, when nothing was recorded. */
  discard(): void;
}

/**
 * Makes the folder and tries it; `experiment`, as it was asked for, is what will be recorded there. `goesOn`: behind the events that are
 * there already. Throws OUTPUT_UNWRITABLE.
 */
export function openFolder(folder: string, warn: (text: string) => void, experiment?: Experiment, goesOn = false): Folder {
  const path = resolve(folder);
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
  const write = openLines(path, 'metrics.jsonl', warn, goesOn);
  let events = 0;
  let unwritable = false;
  let manifest: Manifest | undefined;
  let done: Done | undefined;
  const attempt = (what: string, write: () => void) => {
    try {
      write();
    } catch (error) {
      if (!unwritable) warn(`OUTPUT_UNWRITABLE: ${what}: ${(error as Error).message}; the run goes on without it`);
      unwritable = true;
    }
  };
  const writeManifest = () =>
    attempt('manifest.json', () => replaceText(join(path, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`));
  return {
    path,
    record(event) {
      if (event.event === 'start') {
        // Whatever becomes of this run: the model of another does not stand beside its numbers.
        for (const name of ['model.safetensors', 'nodes.npy', reportFile])
          attempt(name, () => rmSync(join(path, name), { force: true }));
        done = undefined;
        manifest = experiment && manifestOf(event, experiment, new Date());
        if (manifest) writeManifest();
      } else if (event.event === 'done') done = event;
      write(JSON.stringify(event));
      events++;
    },
    async keep(save) {
      try {
        await save(model);
      } catch (error) {
        warn(`OUTPUT_UNWRITABLE: model.safetensors: ${(error as Error).message}; the model was not kept`);
      }
    },
    end(error) {
      if (events === 0) return;
      if (manifest && (error !== undefined || done)) {
        const now = new Date();
        const outcome = error === undefined ? reached(done!, now) : failed(error, manifest.command, now);
        manifest = { ...manifest, outcome };
        writeManifest();
      }
      attempt(reportFile, () => writeReport(path));
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
  orUnwritable(path, name, () => replaceText(join(path, name), text));
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
