/** A run that has ended, read from the folder of its --out, and served until somebody ends it. */

import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseExperiment } from '../engine/experiment.js';
import { openGraph } from '../engine/graph.js';
import { buckets } from '../engine/histogram.js';
import type { Done, Sample, Start } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import { parseJson } from '../json.js';
import { openPlain, readPlain, TooLong } from '../plainfile.js';
import { isModule, parseSpec } from '../spec.js';
import type { Graph } from '../topology/graph.js';
import { type Board, openBoard } from './board.js';
import type { Place } from './live.js';
import { openServer, type Server } from './server.js';

/** Nodes of a graph that is drawn again: who wrote the file is not known, and a large one takes long. */
const mostDrawn = 200_000;

/** Characters of a line, and of the manifest: an experiment, or the ages of 2,000 nodes, have far less. */
const longest = 2 ** 22;

/** Throws DATA_NOT_FOUND, DATA_CORRUPT (file and line), DATA_TOO_LARGE, PORT_IN_USE. */
export async function openKept(folder: string, place: Place): Promise<Server> {
  const board = await readBoard(folder);
  return openServer({ ...place, option: '--port', greeting: board.whole, control: () => false });
}

/** Throws DATA_NOT_FOUND, DATA_CORRUPT (file and line), DATA_TOO_LARGE. */
export async function readBoard(folder: string): Promise<Board> {
  const start = readManifest(folder);
  const { graph, note } = await graphOf(start);
  const board = openBoard('kept', start, graph, { live: false, note });
  const path = join(folder, 'metrics.jsonl');
  let line = 0;
  let ended = false;
  let strange: HearsayError | undefined;
  let isCut = false;
  for await (const text of linesOf(path)) {
    line++;
    isCut = !text.endsWith('\n');
    if (text.trim() === '') continue;
    const event = parsed(text);
    const at = `${path}, line ${line}`;
    // The last line of a run that was killed may be cut off.
    if (event === undefined) {
      strange ??= corrupt(at, 'is no JSON');
      continue;
    }
    // A line that was cut off stands before that of a run that went on.
    if (event.event === 'start') [strange, ended] = [undefined, false];
    if (strange) throw strange;
    if (event.event === 'sample') board.sample(sampleOf(event, at));
    else if (event.event === 'done') {
      board.done({ ...(sampleOf(event, at) as unknown as Done), stalenessCounts: countsOf(event) });
      ended = true;
    }
  }
  if (strange && !isCut) throw strange;
  if (!ended) board.failed('ENDED', 'the run did not come to its end: it was ended from outside, or it goes on');
  return board;
}

function readManifest(folder: string): Start {
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) {
    const each = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
    const seeds = each.filter(name => /^seed-\d+$/.test(name));
    const remedy =
      seeds.length > 0
        ? `it holds ${seeds.length} runs: give one, as ${join(folder, seeds[0])}`
        : 'give the --out folder of a run';
    throw new HearsayError('DATA_NOT_FOUND', `${path}: there is no such file; ${remedy}`);
  }
  const start = parsed(reading(path, () => readPlain(path, longest)));
  if (!start) throw corrupt(path, 'is no JSON object');
  for (const key of ['experiment', 'model', 'data', 'graph', 'kernels', 'versions'])
    if (!isRecord(start[key])) throw corrupt(path, `has no ${key}`);
  return start as unknown as Start;
}

function sampleOf(event: Record<string, unknown>, at: string): Sample {
  for (const key of ['seconds', 'steps', 'exchanges', 'bytes'])
    if (typeof event[key] !== 'number') throw corrupt(at, `has no number ${key}`);
  if (!isRecord(event.staleness)) throw corrupt(at, 'has no staleness');
  return event as unknown as Sample;
}

/** What the page makes bars of. */
function countsOf({ stalenessCounts }: Record<string, unknown>): Done['stalenessCounts'] {
  const isPair = (pair: unknown) =>
    Array.isArray(pair) && pair.length === 2 && pair.every(value => Number.isFinite(value) && value >= 0 && value < 2 ** 53);
  if (!Array.isArray(stalenessCounts) || stalenessCounts.length > buckets || !stalenessCounts.every(isPair)) return [];
  return stalenessCounts;
}

/** The graph is drawn again, from the seed. A module of the user's is not run for a picture. */
async function graphOf({ experiment }: Start): Promise<{ graph?: Graph; note?: string }> {
  try {
    const known = parseExperiment(experiment);
    if (isModule(parseSpec(known.topology, 'topology').name))
      return { note: 'The topology is a module of its own: it is not drawn.' };
    if (known.nodes > mostDrawn) return { note: `The topology has more than ${mostDrawn} nodes: it is not drawn.` };
    return { graph: await openGraph(known) };
  } catch (error) {
    return { note: `The topology can't be drawn: ${error instanceof Error ? error.message : error}` };
  }
}

/** What `read` gives. Throws DATA_NOT_FOUND for what can't be read, DATA_TOO_LARGE. */
function reading<Found>(path: string, read: () => Found): Found {
  try {
    return read();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'there is no such file' : message;
    const kind = cause instanceof TooLong ? 'DATA_TOO_LARGE' : 'DATA_NOT_FOUND';
    throw new HearsayError(kind, `${path}: ${found}; give the --out folder of a run`, { cause });
  }
}

/** The lines of a file, with their ends. Throws DATA_NOT_FOUND, and DATA_TOO_LARGE for one that is too long. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  const { file } = reading(path, () => openPlain(path));
  for await (const piece of createReadStream(path, { fd: file, encoding: 'utf8' })) {
    rest += piece;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield rest.slice(0, end + 1);
      rest = rest.slice(end + 1);
    }
    if (rest.length > longest)
      throw new HearsayError('DATA_TOO_LARGE', `${path}: found a line of more than ${longest} characters`);
  }
  if (rest !== '') yield rest;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value = parseJson(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function corrupt(where: string, what: string): HearsayError {
  return new HearsayError('DATA_CORRUPT', `${where}: it ${what}; give the --out folder of a run`);
}
