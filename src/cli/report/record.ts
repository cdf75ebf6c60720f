/** What a run has left in its folder, read back: as much of it as there is, in bounded memory, whatever stands in the files. */

import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';
import { type Experiment, parseExperiment } from '../../engine/experiment.js';
import type { Done, Sample, Start, Summary } from '../../engine/observer.js';
import { HearsayError } from '../../errors.js';
import { quote } from '../../spec.js';
import { many } from '../figures.js';
import { type KnownEvent, readEvent, startShape, total } from './events.js';
import type { Manifest } from './manifest.js';

export interface RunRecord {
  /** As it was named, and what it may be called beside others. */
  readonly path: string;
  readonly name: string;
  /** From the manifest, or else from the start event. */
  readonly start: Omit<Start, 'event'> | null;
  /** The experiment as it was asked for, when this version has all of its options. */
  readonly experiment: Experiment | null;
  /** Beside what is in `start`; null of a folder without a manifest. */
  readonly manifest: Pick<Manifest, 'command' | 'words' | 'machine' | 'started' | 'outcome'> | null;
  /** At most so many, `mostSamples` unless fewer are asked for: of more, every second, fourth, ... and the last. */
  readonly samples: readonly Sample[];
  readonly every: number;
  readonly done: Done | null;
  /** Of a folder of several runs. */
  readonly summary: Summary | null;
  /** Folders of single runs in it, one a seed. */
  readonly seeds: readonly string[];
  /** What is wrong with the files, a line each. */
  readonly faults: readonly string[];
}

const remedy = 'give the --out FOLDER of a run';

export const mostSamples = 16_384;
const [mostLine, mostManifest, mostFile] = [2 ** 22, 2 ** 24, 2 ** 30];

/** Keeps at most so many samples. Throws DATA_NOT_FOUND for what is no folder of a run, DATA_CORRUPT when nothing of it can be read, DATA_TOO_LARGE beyond 1 GiB. */
export function readRun(path: string, most = mostSamples): RunRecord {
  const folder = resolve(path);
  requireFolder(folder, path);
  const faults: string[] = [];
  const manifest = readManifest(join(folder, 'manifest.json'), faults);
  const metrics = readMetrics(join(folder, 'metrics.jsonl'), most, faults);
  const seeds = seedFolders(folder);
  const start = manifest?.start ?? metrics.start;
  if (!start && metrics.samples.length === 0 && !metrics.summary && seeds.length === 0) {
    if (faults.length > 0) throw new HearsayError('DATA_CORRUPT', `report: ${quote(path)}: ${faults.join('; ')}; ${remedy}`);
    const compared = existsSync(join(folder, 'events.jsonl'))
      ? ' (hearsay compare makes the report of a comparison by itself)'
      : '';
    const found = `found no manifest.json, and no event in a metrics.jsonl${compared}`;
    throw new HearsayError('DATA_NOT_FOUND', `report: ${quote(path)}: ${found}; ${remedy}`);
  }
  return {
    ...{ path, name: basename(folder), start, manifest: manifest?.more ?? null },
    experiment: experimentOf(start, manifest?.more?.words, faults),
    ...{ ...metrics, seeds, faults },
  };
}

/** A run of another version may have options that this one has not. */
function experimentOf(
  start: Omit<Start, 'event'> | null,
  words: readonly string[] | undefined,
  faults: string[],
): Experiment | null {
  if (!start) return null;
  try {
    const experiment = parseExperiment(start.experiment);
    // What is kept is how many there were.
    return words && !words.includes('--threads') ? { ...experiment, threads: null } : experiment;
  } catch (error) {
    faults.push(`the experiment is none of this version: ${(error as Error).message}`);
    return null;
  }
}

const text = z.string();
const manifestSchema = z.object({
  ...startShape,
  command: text.optional().catch(undefined),
  words: z.array(text).optional().catch(undefined),
  machine: z
    .object({ cpu: text, cores: z.number(), usable: z.number(), memory: z.number(), platform: text })
    .optional()
    .catch(undefined),
  started: z.iso.datetime().optional().catch(undefined),
  outcome: z
    .union([
      z.object({ ended: text, error: z.object({ code: text, message: text }) }),
      z.looseObject({ ended: text, stopReason: text }),
    ])
    .nullish()
    .catch(null),
});

function readManifest(file: string, faults: string[]) {
  const found = readWhole(file, faults);
  if (found === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(found);
  } catch (error) {
    faults.push(`manifest.json is no JSON: ${oneLine((error as Error).message)}`);
    return undefined;
  }
  const parsed = total(manifestSchema, value);
  if (!parsed) {
    faults.push('manifest.json is none of a run');
    return undefined;
  }
  const { command, words, machine, started, outcome, ...start } = parsed;
  const isWhole = command !== undefined && words && machine && started !== undefined;
  const more = isWhole ? { command, words, machine, started, outcome: (outcome ?? null) as Manifest['outcome'] } : null;
  return { start, more };
}

type Metrics = Pick<RunRecord, 'samples' | 'every' | 'done' | 'summary'> & { start: Omit<Start, 'event'> | null };

function readMetrics(file: string, most: number, faults: string[]): Metrics {
  let [start, done, summary]: [Start | null, Done | null, Summary | null] = [null, null, null];
  const samples = keep(most);
  let [strange, cut] = [0, false];
  const take = (event: KnownEvent) => {
    if (event.event === 'sample') samples.add(event);
    else if (event.event === 'start') [start, done] = [event, null];
    else if (event.event === 'done') done = event;
    else summary = event;
  };
  eachLine(file, faults, (line, whole) => {
    if (line.trim() === '') return;
    const event = parsedLine(line);
    if (event) take(event);
    else if (whole) strange++;
    else cut = true;
  });
  if (cut) faults.push('the last line of metrics.jsonl is cut off');
  if (strange > 0)
    faults.push(`${many(strange, 'line')} of metrics.jsonl ${strange === 1 ? 'is' : 'are'} no event of a run, and left out`);
  return { start, done, summary, ...samples.kept() };
}

function parsedLine(line: string): KnownEvent | undefined {
  try {
    return readEvent(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** Samples in bounded memory: when there are too many, every second one goes, of those to come too; the last one always stays. */
function keep(most: number) {
  let list: Sample[] = [];
  let [every, waiting] = [1, 0];
  let last: Sample | undefined;
  return {
    add(sample: Sample) {
      // A run that went on from an earlier state has done these steps again.
      while (list.length > 0 && isAfter(list[list.length - 1], sample)) list.pop();
      last = sample;
      if (++waiting < every) return;
      waiting = 0;
      list.push(sample);
      if (list.length < most) return;
      list = list.filter((_, k) => k % 2 === 1);
      every *= 2;
    },
    kept() {
      if (last && list[list.length - 1] !== last) list.push(last);
      return { samples: list, every };
    },
  };
}

function isAfter(one: Sample, other: Sample): boolean {
  const time = ({ virtual, seconds }: Sample) => virtual?.time ?? seconds;
  return one.steps > other.steps || (one.steps === other.steps && time(one) >= time(other));
}

function seedFolders(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter(name => /^seed-\d{1,16}$/.test(name));
    const isRun = (name: string) => statSync(join(folder, name, 'metrics.jsonl'), { throwIfNoEntry: false })?.isFile() ?? false;
    const seed = (name: string) => Number(name.slice(5));
    return names.filter(isRun).sort((a, b) => seed(a) - seed(b));
  } catch {
    return [];
  }
}

function requireFolder(folder: string, path: string): void {
  let isFolder = false;
  try {
    isFolder = statSync(folder).isDirectory();
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such folder' : (error as Error).message;
    throw new HearsayError('DATA_NOT_FOUND', `report: ${quote(path)}: ${why}; ${remedy}`);
  }
  if (!isFolder) throw new HearsayError('DATA_NOT_FOUND', `report: ${quote(path)}: it is no folder; ${remedy}`);
}

/** Opens a plain file; undefined when there is none, or it can't be read, which is a fault. */
function openPlain(file: string, most: number, faults: string[]): number | undefined {
  const name = basename(file);
  let opened: number;
  try {
    opened = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK); // a plain open of a FIFO would wait for a writer
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') faults.push(`${name} cannot be read: ${(error as Error).message}`);
    return undefined;
  }
  const found = fstatSync(opened);
  if (found.isFile() && found.size <= most) return opened;
  closeSync(opened);
  if (!found.isFile()) faults.push(`${name} is no plain file`);
  else throw new HearsayError('DATA_TOO_LARGE', `report: ${quote(file)}: found ${found.size} bytes, allowed are ${most}; cut it`);
  return undefined;
}

function readWhole(file: string, faults: string[]): string | undefined {
  const opened = openPlain(file, mostManifest, faults);
  if (opened === undefined) return undefined;
  try {
    return readFileSync(opened, 'utf8');
  } finally {
    closeSync(opened);
  }
}

/** Calls `take` with each line; `whole` is false for one without an end. Of a line beyond 4 MiB only its beginning is given. */
function eachLine(file: string, faults: string[], take: (line: string, whole: boolean) => void): void {
  const opened = openPlain(file, mostFile, faults);
  if (opened === undefined) return;
  const chunk = Buffer.alloc(2 ** 16);
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    if (length < mostLine) parts.push(Buffer.from(part));
    length += part.length;
  };
  const end = (whole: boolean) => {
    take(Buffer.concat(parts).toString('utf8'), whole);
    [parts, length] = [[], 0];
  };
  try {
    for (let got = readSync(opened, chunk); got > 0; got = readSync(opened, chunk)) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0 && at < got; at = chunk.indexOf(10, from)) {
        add(chunk.subarray(from, at));
        end(true);
        from = at + 1;
      }
      add(chunk.subarray(from, got));
    }
    if (length > 0) end(false);
  } finally {
    closeSync(opened);
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 200);
}
