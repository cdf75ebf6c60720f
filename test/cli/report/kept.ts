/** Folders of runs for tests of reports, written as a run writes them. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestOf, reached } from '../../../src/cli/report/manifest.js';
import { type ExperimentInput, parseExperiment } from '../../../src/engine/experiment.js';
import type { Done, Sample, Start } from '../../../src/engine/observer.js';
import { done, sample, start } from '../stage.js';

export interface Kept {
  readonly experiment?: ExperimentInput;
  readonly start?: Partial<Start>;
  readonly samples?: readonly Sample[];
  /** Null: it has no end. */
  readonly done?: Partial<Done> | null;
  readonly manifest?: boolean;
}

/** Samples of a run that learns. */
export function course(length: number, part: Partial<Sample> = {}): Sample[] {
  return Array.from({ length }, (_, k) =>
    sample({
      ...{ steps: 100 * (k + 1), epoch: k + 1, seconds: 0.3 * (k + 1), exchanges: 25 * (k + 1), bytes: 1e6 * (k + 1) },
      ...{ loss: 2.3 / (k + 1), meanLoss: 2.4 / (k + 1), worstLoss: 2.5 / (k + 1), trainLoss: 2 / (k + 1) },
      ...{ accuracy: 1 - 0.9 / (k + 1), worstAccuracy: 1 - 0.95 / (k + 1), consensus: 3 / (k + 1) ** 2 },
      staleness: { mean: 1 + (k % 7) / 10, p50: 1, p99: 4 },
      versions: { mean: 1.5, p50: 1, p99: 4, max: 9 },
      age: { mean: 0.25 + k / 1e4, p50: 0.2, p99: 0.5, max: 0.9 },
      ...part,
    }),
  );
}

/** The text of metrics.jsonl. */
export function metricsOf(kept: Kept = {}): string {
  const experiment = parseExperiment(kept.experiment ?? {});
  const samples = kept.samples ?? course(5);
  const last = samples.at(-1) ?? sample();
  const events = [
    { ...start(experiment), experiment: { ...experiment, threads: experiment.threads ?? 2 }, ...kept.start },
    ...samples,
    ...(kept.done === null ? [] : [{ ...done(), ...last, event: 'done', ...kept.done }]),
  ];
  return `${events.map(event => JSON.stringify(event)).join('\n')}\n`;
}

/** Makes the folder, and returns its path. */
export function keep(path: string, kept: Kept = {}): string {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'metrics.jsonl'), metricsOf(kept));
  if (kept.manifest === false) return path;
  const experiment = parseExperiment(kept.experiment ?? {});
  const now = new Date(1.7e12);
  const begun = { ...start(experiment), experiment: { ...experiment, threads: experiment.threads ?? 2 }, ...kept.start };
  const manifest = manifestOf(begun, experiment, now);
  const outcome = kept.done === null ? null : reached({ ...done(), ...kept.done }, now);
  writeFileSync(join(path, 'manifest.json'), JSON.stringify({ ...manifest, outcome }, null, 2));
  return path;
}

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The tags of a page, in order. Throws for markup that is not well-formed: no page of ours has such. */
export function tagsOf(html: string): Tag[] {
  const tags: Tag[] = [];
  const open: string[] = [];
  const rest = html.replace(/^<!doctype html>/, '').replace(/<style>[^<]*<\/style>/g, '<style></style>');
  for (const [found, closing, name, attributes, end] of rest.matchAll(/<(\/?)([A-Za-z][\w-]*)((?:\s[^<>]*?)?)(\/?)>|[<>]/g)) {
    if (name === undefined) throw new Error(`a stray ${found}`);
    if (closing) {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
      continue;
    }
    const pairs = [...attributes.matchAll(/\s([\w:-]+)="([^"<>]*)"/g)];
    if (pairs.map(([text]) => text).join('') !== attributes) throw new Error(`attributes: ${attributes}`);
    tags.push({ name, attributes: Object.fromEntries(pairs.map(([, key, value]) => [key, value])) });
    if (!end && name !== 'meta') open.push(name);
  }
  if (open.length > 0) throw new Error(`open: ${open.join(' ')}`);
  return tags;
}

/** The words of a page, without its markup. */
export function wordsOf(html: string): string {
  return html
    .replace(/<style>.*?<\/style>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ');
}
