/** A run that has ended, read from the folder of its --out, and served until somebody ends it. */

import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseExperiment } from '../engine/experiment.js';
import { openGraph } from '../engine/graph.js';
import type { Done, Sample, Start } from '../engine/observer.js';
import { HearsayError } from '../errors.js';
import { isModule, parseSpec } from '../spec.js';
import type { Graph } from '../topology/graph.js';
import { type Board, openBoard } from './board.js';
import type { Place } from './live.js';
import { openServer, type Server } from './server.js';

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
  if (!existsSync(path))
    throw new HearsayError('DATA_NOT_FOUND', `${path}: there is no such file; give the --out folder of a run`);
  let line = 0;
  let ended = false;
  for await (const text of linesOf(path)) {
    line++;
    if (text.trim() === '') continue;
    const event = parsed(text);
    const at = `${path}, line ${line}`;
    // The last line of a run that was killed may be cut off.
    if (event === undefined) {
      if (text.endsWith('\n')) throw corrupt(at, 'is no JSON');
      break;
    }
    if (event.event === 'sample') board.sample(sampleOf(event, at));
    else if (event.event === 'done') {
      board.done(sampleOf(event, at) as unknown as Done);
      ended = true;
    }
  }
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
  if (statSync(path).size > longest)
    throw new HearsayError('DATA_TOO_LARGE', `${path}: found ${statSync(path).size} bytes, allowed are ${longest}`);
  const start = parsed(readFileSync(path, 'utf8'));
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

/** The graph is drawn again, from the seed. A module of the user's is not run for a picture. */
async function graphOf({ experiment }: Start): Promise<{ graph?: Graph; note?: string }> {
  try {
    const known = parseExperiment(experiment);
    if (isModule(parseSpec(known.topology, 'topology').name))
      return { note: 'The topology is a module of its own: it is not drawn.' };
    return { graph: await openGraph(known) };
  } catch (error) {
    return { note: `The topology can't be drawn: ${error instanceof Error ? error.message : error}` };
  }
}

/** The lines of a file, with their ends. Throws DATA_TOO_LARGE for one that is too long. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of createReadStream(path, { encoding: 'utf8' })) {
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
    const value = JSON.parse(text);
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
