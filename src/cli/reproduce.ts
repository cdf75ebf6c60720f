/**
 * `hearsay reproduce`: does an experiment of a paper again, and says what was expected, what was measured, and whether that is near
 * enough.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { number, optionalPath, toggle } from '../engine/option.js';
import { threads } from '../engine/options.js';
import { HearsayError } from '../errors.js';
import { parseJson } from '../json.js';
import { suggestion } from '../nearest.js';
import { readPlain } from '../plainfile.js';
import type { File } from '../reproduce/report.js';
import type { Reproduction } from '../reproduce/reproduction.js';
import type { Row } from '../reproduce/row.js';
import type { Report, ReproduceEvent, Reproducing } from '../reproduce/run.js';
import { quote } from '../spec.js';
import { cores } from '../threads/cores.js';
import { columns } from './columns.js';
import { duration, figure, many } from './figures.js';
import { openFolder, orUnwritable, writeText } from './folder.js';
import { type Line, openLine } from './line.js';
import { json, quiet } from './options.js';
import type { Surroundings } from './program.js';

export const reproduceOptions = {
  list: toggle({ about: 'say what there is, one line each' }),
  out: optionalPath({
    about: 'folder for results.json, rows.csv, points.csv and the charts (.svg); files of these names are replaced',
    range: 'a FOLDER',
    fallback: 'runs/reproduce/ID',
  }),
  seed: number({ about: 'start of all randomness', range: { whole: true, min: 0, max: 2 ** 52 }, default: 1 }),
  threads: threads('simulations at a time; of R16, the most that are compared'),
  json: json('start, a row each, done'),
  quiet: quiet('table'),
};

export interface ReproduceSettings {
  readonly id: string | undefined;
  readonly list: boolean;
  readonly out: string | null;
  readonly seed: number;
  readonly threads: number | null;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What the command needs: `reproductions` of reproduce/table.ts, `reproduce` of reproduce/run.ts, `filesOf` of reproduce/report.ts. */
export interface Reproducer {
  readonly reproductions: readonly Reproduction[];
  reproduce(reproduction: Reproduction, circumstances: { seed: number; threads: number }): Reproducing;
  filesOf(reproduction: Reproduction, report: Report, seed: number): File[];
}

/** Returns the exit status: 0; 1 when a row is outside its tolerance; 130 when a signal ended it early. Throws HearsayError. */
export async function reproduceCommand(settings: ReproduceSettings, around: Surroundings): Promise<number> {
  const { json, quiet, seed } = settings;
  const print = (text: string) => around.stdout.write(`${text}\n`);
  const { reproductions, reproduce, filesOf } = await around.loadReproducer();
  if (settings.list) {
    for (const { id, about } of reproductions)
      print(json ? JSON.stringify({ event: 'listed', id, about }) : `${id.padEnd(4)} ${about}`);
    return 0;
  }
  const reproduction = named(settings.id, reproductions);
  const line = openLine(around.stderr, around.env);
  const warn = (text: string) => {
    line.close();
    around.stderr.write(`hearsay: ${text}\n`);
  };
  const folder = openFolder(settings.out ?? join('runs', 'reproduce', reproduction.id), warn);
  const running = reproduce(reproduction, { seed, threads: settings.threads ?? cores().usable });
  running.result.catch(() => {}); // it also reaches whoever iterates
  let stopped = false;
  const stop = () => {
    stopped = true;
    running.stop();
  };
  const forget = [
    around.onSignal(() => {
      if (stopped) around.exit(130);
      else if (!json && !quiet) warn('stopping with what is measured; once more to exit at once');
      stop();
    }),
    around.onBrokenPipe(stop),
  ];
  const shown = json || quiet ? undefined : progress(line);
  try {
    for await (const event of running) {
      if (json && (event.event === 'start' || event.event === 'row')) print(JSON.stringify(event));
      shown?.show(event);
    }
    const report = await running.result;
    const kept = keep(folder.path, reproduction, report, filesOf(reproduction, report, seed));
    if (kept === 'none') folder.discard();
    if (json) print(JSON.stringify({ ...report.done, out: kept === 'new' ? folder.path : null }));
    shown?.close();
    if (shown) for (const text of [...table(reproduction, report), ...keptText[kept](folder.path)]) print(text);
    if (report.done.stopReason === 'aborted') return around.brokenPipe() ? 0 : 130;
    return report.done.passed === false ? 1 : 0;
  } catch (error) {
    shown?.close();
    folder.discard();
    throw error;
  } finally {
    for (const undo of forget) undo();
  }
}

/** A line for each configuration; on a terminal one line that renews itself, every second too, as some runs are long. */
function progress(line: Line): { show(event: ReproduceEvent): void; close(): void } {
  const start = performance.now();
  let off = 0;
  let runs = '';
  let last = '';
  const state = () =>
    `${runs}, ${duration((performance.now() - start) / 1000)}${off > 0 ? `, ${many(off, 'row')} off` : ''}${last}`;
  const beat = line.live ? setInterval(() => runs !== '' && line.renew(state()), 1000) : undefined;
  return {
    show(event) {
      if (event.event === 'start')
        line.print(`${event.id}: ${event.about} | ${many(event.threads, 'thread')}, seed ${event.seed}`);
      if (event.event === 'row' && !event.passed) off++;
      if (event.event !== 'progress') return;
      runs = `${event.runs} of ${many(event.of, 'run')}`;
      if (event.configuration) last = `  ${event.configuration}`;
      if (line.live) line.renew(state());
      else if (event.configuration) line.print(state());
    },
    close() {
      clearInterval(beat);
      line.close();
    },
  };
}

function named(id: string | undefined, reproductions: readonly Reproduction[]): Reproduction {
  const known = reproductions.map(one => one.id);
  const allowed = `${known.join(' | ')}; hearsay reproduce --list says what they are`;
  if (id === undefined) throw new HearsayError('CONFIG_MISSING', `reproduce: no id was given, allowed is ${allowed}`);
  const found = reproductions.find(one => one.id === id);
  if (found) return found;
  throw new HearsayError('CONFIG_RANGE', `reproduce: found ${quote(id)}, allowed is ${allowed}${suggestion(id, known)}`);
}

type Kept = 'new' | 'before' | 'none';

const keptText: Readonly<Record<Kept, (path: string) => string[]>> = {
  new: path => [`kept in ${path}`],
  before: path => [`not kept: ${path} holds a complete result of before; --out FOLDER keeps both`],
  none: () => ['nothing was written'],
};

/** Writes the files, and removes the charts that none of them renews. Of a part of the rows, only where no complete result lies. */
function keep(path: string, { charts }: Reproduction, { done }: Report, files: readonly File[]): Kept {
  if (done.stopReason === 'aborted') {
    if (done.rows.length === 0) return 'none';
    if (isComplete(path)) return 'before';
  }
  const stale = charts.map(({ name }) => `${name}.svg`).filter(name => files.every(file => file.name !== name));
  for (const name of stale) orUnwritable(path, name, () => rmSync(join(path, name), { force: true }));
  for (const { name, text } of files) writeText(path, name, text);
  return 'new';
}

/** Bytes of a result: one has some ten thousand. */
const mostResults = 2 ** 26;

/** Whether the folder holds the result of one that ran to its end. */
function isComplete(path: string): boolean {
  try {
    const found = parseJson(readPlain(join(path, 'results.json'), mostResults)) as { stopReason?: unknown } | null;
    return found?.stopReason === 'end';
  } catch {
    return false; // there is none, or none that can be read
  }
}

/** Expected against measured, and where the expectations come from. */
function table({ id, about, notes }: Reproduction, { done }: Report): string[] {
  const { rows, stopReason, seconds } = done;
  const besides = rows.some(row => row.beside !== null);
  const head = ['', 'expected', 'measured', '+-', 'off', 'allowed', ...(besides ? ['beside'] : []), 'from', ''];
  const lines = [head, ...rows.map(row => cells(row, besides))];
  const off = rows.filter(row => !row.passed).length;
  const verdict =
    stopReason === 'aborted'
      ? `stopped by hand with ${many(rows.length, 'row')}, ${off} of them off`
      : off > 0
        ? `${off} of ${many(rows.length, 'row')} off`
        : asExpected(rows);
  return [`${id}: ${about}`, ...notes.map(note => `  ${note}`), '', ...columns(lines), '', `${verdict}; ${duration(seconds)}`];
}

function asExpected(rows: readonly Row[]): string {
  const judged = rows.filter(({ from }) => from !== 'none').length;
  if (judged === 0) return `${many(rows.length, 'row')}, none of them judged`;
  return judged === rows.length
    ? `all ${many(judged, 'row')} as expected`
    : `all ${many(judged, 'row')} with an expectation as expected, ${rows.length - judged} without`;
}

function cells({ what, expected, measured, error, tolerance, beside, from, passed }: Row, besides: boolean): string[] {
  const off =
    expected === null ? '' : `${measured < expected ? '-' : '+'}${(100 * Math.abs(measured / expected - 1)).toFixed(1)} %`;
  const number = (value: number | null) => (value === null ? '' : figure(value));
  return [
    what,
    number(expected),
    number(measured),
    number(error),
    off,
    tolerance,
    ...(besides ? [number(beside)] : []),
    from === 'none' ? '' : from,
    from === 'none' && passed ? '' : passed ? 'ok' : 'OFF',
  ];
}
