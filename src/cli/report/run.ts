/** The page of one run. */

import { barFigure, figure } from '../../chart/figure.js';
import type { Experiment } from '../../engine/experiment.js';
import type { Done, Sample } from '../../engine/observer.js';
import { type Option, show } from '../../engine/option.js';
import { options } from '../../engine/options.js';
import { bytes, count, figure as digits, duration, many, percent } from '../figures.js';
import { flagName } from '../options.js';
import { hasLoss, hasParameters } from '../progress.js';
import { doneRows, reasons } from '../summary.js';
import { chosen, keptCommand } from './command.js';
import { columns, curvesOf, type Kind } from './curves.js';
import { withoutPaths } from './manifest.js';
import { type Cell, charts, code, folded, page, paragraph, section, table, tiles } from './page.js';
import type { RunRecord } from './record.js';

/** HTML. */
export function runPage(record: RunRecord): string {
  const { samples, done, start } = record;
  const curves = curvesOf(samples, kindOf(record));
  const figures = curves.map(({ panel, description }) => figure(panel, description));
  const times = done && done.perThread.length > 0 ? [timesOf(done)] : [];
  const { text, bad } = outcomeOf(record);
  return page({
    title: titleOf(record),
    outcome: text,
    bad,
    notes: [...startedOf(record), ...record.faults],
    sections: [
      keyTiles(record),
      samples.length > 0 ? section('Curves', charts([...figures, ...times])) : '',
      done && record.experiment
        ? section('What it came to', table('Numbers at the end', [], doneRows(done, record.experiment)))
        : '',
      start ? section('Settings', ...settings(record.experiment, start)) : '',
      start ? section('Run it again', ...again(record)) : '',
      start ? section('Machine and versions', table('What it ran on', [], machineRows(record))) : '',
      samples.length > 0 ? section('Numbers', ...numbers(record)) : '',
    ].filter(text => text !== ''),
  });
}

export function titleOf({ start, name }: RunRecord): string {
  if (!start) return name;
  const { experiment, model, data, graph } = start;
  return `${lastPart(data.name)}, ${model.name}, ${many(graph.nodes, 'node')}, ${word(experiment.algorithm)}`;
}

/** Of a path, the part that says what it is. */
export function lastPart(path: string): string {
  return path.split(/[/\\]/).findLast(part => part !== '') ?? path;
}

const noEnd = 'it has no end: still going on, or killed';

/** What came of it, in one line. */
export function outcomeOf({ manifest, done, samples }: RunRecord): { text: string; bad: boolean } {
  const outcome = manifest?.outcome;
  if (outcome && 'error' in outcome) {
    const far = samples.at(-1);
    const where = far ? ` after ${many(far.steps, 'step')}` : '';
    return { text: `Failed${where}: ${outcome.error.code}: ${outcome.error.message}`, bad: true };
  }
  const last = done ?? samples.at(-1);
  if (!last) return { text: 'Nothing of what it measured is there.', bad: true };
  const came = [
    last.accuracy === null ? `loss ${digits(last.loss)}` : `accuracy ${percent(last.accuracy)}`,
    last.worstOf.nodes > 1 && last.worstAccuracy !== null ? `${percent(last.worstAccuracy)} at the worst node` : '',
    last.virtual ? `${digits(last.virtual.time)} s of virtual time` : '',
    `${many(last.steps, 'step')} in ${duration(last.seconds)} of training`,
  ].filter(Boolean);
  const end = done ? reasons[done.stopReason] : noEnd;
  const words = `${came.join(', ')}; ${end}.`;
  return { text: words[0].toUpperCase() + words.slice(1), bad: done === null };
}

function startedOf({ manifest, start, every }: RunRecord): string[] {
  const version = start ? `hearsay ${start.versions.hearsay}` : '';
  const began = manifest ? `Started ${manifest.started.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}` : '';
  const first = [began, version].filter(Boolean).join(', ');
  return [...(first ? [first] : []), ...(every > 1 ? [`Of its samples every ${every}th is shown.`] : [])];
}

/** What kind of run it was, as far as it is known. */
export function kindOf({ experiment, samples }: RunRecord): Kind {
  return {
    learns: experiment === null || hasLoss(experiment),
    moves: experiment === null || hasParameters(experiment),
    virtual: samples.some(({ virtual }) => virtual !== undefined),
    churns: samples.some(({ virtual }) => virtual !== undefined && virtual.live !== samples[0].virtual?.live),
  };
}

function keyTiles(record: RunRecord): string {
  const { done, samples } = record;
  const last: Sample | Done | undefined = done ?? samples.at(-1);
  if (!last) return '';
  const kind = kindOf(record);
  const several = last.worstOf.nodes > 1;
  const rate = (value: number) => (last.seconds > 0 ? count(value / last.seconds) : '-');
  const list: (readonly [string, string, string] | false)[] = [
    last.accuracy !== null && [
      'Accuracy',
      percent(last.accuracy),
      several && last.worstAccuracy !== null ? `${percent(last.worstAccuracy)} worst node` : 'mean model',
    ],
    kind.learns && ['Loss', digits(last.loss), several ? `${digits(last.worstLoss)} worst node` : 'mean model'],
    kind.moves && several && ['Consensus', digits(last.consensus), 'distance to the mean'],
    ['Staleness', digits(last.staleness.mean), `${digits(last.staleness.p99)} at 99 %`],
    last.versions !== null && ['Versions', digits(last.versions.mean), `behind, ${digits(last.versions.max)} at most`],
    ['Steps', count(last.steps), `${rate(last.steps)} a second`],
    ['Exchanges', count(last.exchanges), `${bytes(last.bytes)} between nodes`],
    done !== null &&
      done.perThread.length > 0 && ['Blocked', percent(done.blockedShare), `gossip ${percent(done.gossipShare, 1)} of the time`],
  ];
  return tiles(list.filter(one => one !== false));
}

function timesOf({ perThread }: Done): string {
  const parts = ['working', 'gossip', 'blocked'] as const;
  const some = perThread.length > mostThreads ? `, the first ${mostThreads} of ${perThread.length}` : '';
  const bars = perThread.slice(0, mostThreads).map(times => ({
    name: `thread ${times.thread}`,
    values: parts.map(part => (Number.isFinite(times[part]) ? Math.max(0, times[part]) : 0)),
  }));
  const words = bars.map(
    ({ name, values }) => `${name}: ${parts.map((part, k) => `${part} ${duration(values[k])}`).join(', ')}.`,
  );
  return barFigure({ title: `Time of the threads${some}`, label: 'time', unit: 's', parts, bars }, words.join(' '));
}

function settings(experiment: Experiment | null, start: NonNullable<RunRecord['start']>): string[] {
  if (experiment) return settingsOf(experiment);
  const rows = Object.entries(start.experiment).map(([key, value]) => [key, word(value)]);
  return [paragraph('Options of another version, as they were kept.'), table('All options', ['option', 'value'], rows)];
}

/** What is set comes first, with what it would be by itself; the rest is folded away. `without` is left out. */
export function settingsOf(experiment: Experiment, without: readonly (keyof Experiment)[] = []): string[] {
  const set = new Set(chosen(experiment).map(([key]) => key));
  const keys = optionsOf(experiment).filter(key => !without.includes(key));
  const row = (key: keyof Experiment): Cell[] => [
    `--${flagName(key)}`,
    { text: settingText(experiment, key), marked: set.has(key) },
    { text: options[key].fallback, prose: true },
    { text: options[key].about, prose: true },
  ];
  const head = ['option', 'value', 'default', 'what'];
  const [given, others] = [keys.filter(key => set.has(key)), keys.filter(key => !set.has(key))];
  return [
    given.length > 0 ? table('Set for this run', head, given.map(row)) : paragraph('Everything is as it is by default.'),
    folded(`${many(others.length, 'option')} as by default`, table('As by default', head, others.map(row))),
  ];
}

/** The options that mean something for such a run. */
export function optionsOf({ deterministic }: Experiment): (keyof Experiment)[] {
  const wrong = deterministic ? 'live' : 'virtual';
  return (Object.entries(options) as [keyof Experiment, Option][])
    .filter(([key, { only }]) => only !== wrong && key !== 'deterministic')
    .map(([key]) => key);
}

/** The value of an option as one writes it; of a long list its beginning. */
export function settingText(experiment: Experiment, key: keyof Experiment): string {
  const value = experiment[key];
  const { write }: Option = options[key];
  if (value === null || (Array.isArray(value) && value.length === 0)) return '-';
  return (write ? write(value).join(' ') : String(value)).slice(0, 1000);
}

function again(record: RunRecord): string[] {
  const { experiment, start } = record;
  const command = keptCommand(record);
  if (command === undefined) return [paragraph('This version has not all of its options.')];
  if (command.length > mostCommand)
    return [paragraph('The command is too long for a page; the experiment in manifest.json is a file for --config.')];
  const { hearsay, node } = start!.versions;
  const modules = Object.keys(start!.modules);
  const files =
    modules.length > 0 ? ` The files of ${modules.join(', ')} have to be the same, too: the manifest has their sha256.` : '';
  const same = experiment?.deterministic
    ? 'It comes to the same bytes on any number of threads.'
    : 'A live run races: it comes to similar numbers, not to the same bytes.';
  return [
    code(command),
    paragraph(
      `With hearsay ${hearsay} on Node ${node}, in the folder that it was given in. ${same}${files} Add --out FOLDER to keep it.`,
    ),
  ];
}

function machineRows({ start, manifest }: RunRecord): [string, string][] {
  const { kernels, threads, data, model, graph, memoryBytes, versions } = start!;
  const on = manifest?.machine;
  const note = withoutPaths(kernels.note.replace(/; no BLAS: .*/s, ''), manifest?.command ?? '');
  return [
    ...(on
      ? ([
          ['processor', `${on.cpu}, ${many(on.cores, 'core')}${on.usable === on.cores ? '' : `, ${on.usable} within the quota`}`],
          ['memory', `${bytes(on.memory)}; ${bytes(memoryBytes)} shared between the threads`],
          ['platform', on.platform],
        ] as [string, string][])
      : ([['memory', `${bytes(memoryBytes)} shared between the threads`]] as [string, string][])),
    ['versions', `hearsay ${versions.hearsay}, Node ${versions.node}, V8 ${versions.v8}`],
    ['kernels', note ? `${kernels.set} (${note})` : kernels.set],
    ['threads', count(threads)],
    ['model', `${model.name}, ${many(model.parameters, 'parameter')}${model.backend ? `; ${model.backend.note}` : ''}`],
    ['data', `${data.name}: ${count(data.train)} + ${count(data.test)} rows, ${many(data.features, 'feature')}`],
    [
      'graph',
      `${graph.name}: ${many(graph.nodes, 'node')}, ${many(graph.edges, 'edge')}${graph.gap === null ? '' : `, spectral gap ${digits(graph.gap)}`}`,
    ],
  ];
}

/** Rows of the table of all that was measured; threads, and characters of a command, that a page has room for. */
const [mostRows, mostThreads, mostCommand] = [100, 32, 10_000];

function numbers({ samples }: RunRecord): string[] {
  const shown = columns.filter(([, read]) => samples.some(sample => read(sample) !== null));
  const stride = Math.ceil(samples.length / mostRows);
  const rows = samples.filter((_, k) => k % stride === stride - 1 || k === samples.length - 1);
  const cells = rows.map(sample =>
    shown.map(([, read, text]): Cell => {
      const value = read(sample);
      return { text: value === null ? '-' : text(value), number: true };
    }),
  );
  const some = stride > 1 ? `${count(rows.length)} of ${many(samples.length, 'sample')}` : many(samples.length, 'sample');
  return [
    folded(
      some,
      table(
        `What was measured: ${some}`,
        shown.map(([name]) => name),
        cells,
      ),
    ),
  ];
}

function word(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? show(value))).slice(0, 1000);
}
