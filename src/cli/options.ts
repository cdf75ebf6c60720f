/** The options of the commands that run an experiment: those of the experiment, and what becomes of its numbers. */

import { z } from 'zod';
import { readNumber } from '../decimal.js';
import { schemasOf } from '../engine/experiment.js';
import { number, numberSchema, type Option, optionalNumber, optionalPath, toggle, written } from '../engine/option.js';
import { options as experimentOptions } from '../engine/options.js';
import type { Every } from '../threads/checkpoints.js';

/** The switch for programs; `events` are the objects. */
export function json(events?: string) {
  return toggle({ about: `one JSON object a line on stdout, for programs${events === undefined ? '' : `: ${events}`}` });
}

/** The switch for silence; `end` is what people get at the end without it. */
export function quiet(end: string) {
  return toggle({ about: `no progress and no ${end}` });
}

const ports = { whole: true, min: 0, max: 65535 };
/** The port of the dashboard, when nobody says another. */
export const usualPort = 7654;

/** Who may watch, and where. */
export const watching = {
  serve: {
    ...optionalNumber({
      about: `watch the run in a browser, on this PORT of this machine (0: any that is free; without a number ${usualPort})`,
      range: ports,
      fallback: 'none: nobody watches',
    }),
    placeholder: '[port]',
    read: (word: string, where: string) => (word === '' ? usualPort : readNumber(word, ports, where)),
  },
  host: {
    ...optionalPath({
      about: 'address or name of this machine that others can reach the dashboard by; it then asks everybody for the token',
      range: 'an ADDRESS, 0.0.0.0 for all',
      fallback: '127.0.0.1: this machine alone',
    }),
    placeholder: '<address>',
  },
} satisfies Record<string, Option>;

/** Options that decide what becomes of a run's numbers, not what it does. */
export const outputOptions = {
  repeats: number({
    about: 'runs, with seeds seed, seed+1, ...; prints mean, deviation and worst',
    unit: 'runs',
    range: { whole: true, min: 1, max: 1000 },
    default: 1,
  }),
  out: optionalPath({
    about: 'folder for metrics.jsonl, manifest.json, model.safetensors and report.html; files of these names are replaced',
    range: 'a FOLDER',
    fallback: 'none: nothing is written',
  }),
  keepNodes: toggle({ about: 'the model of every node too, as nodes.npy (nodes x parameters) in --out' }),
  tensorboard: toggle({ about: 'event files for TensorBoard too, in the folder tensorboard of --out' }),
  checkpointEvery: {
    ...written(
      {
        about: 'how often the state of the run is kept in --out, to go on from; when it is stopped and at its end it always is',
        unit: 'steps over all nodes, or seconds on the wall',
        range: 'N | Ts, a number above 0 (a whole one for steps) | never',
        fallback: '60s with --out',
        placeholder: '<n>',
        default: null,
        write: every => [every === 'never' ? every : `${every.value}${every.unit === 'seconds' ? 's' : ''}`],
      },
      z
        .union([
          z.strictObject({ value: numberSchema({ above: 0, max: 1e9 }), unit: z.enum(['steps', 'seconds']) }),
          z.literal('never'),
        ])
        .nullable(),
      readCheckpointEvery,
    ),
  },
  resume: optionalPath({
    about: 'go on with the run of this folder (or from this checkpoint) with its own settings: only limits may be given anew',
    range: 'a FOLDER or a FILE',
    fallback: 'none: a new run',
  }),
  record: optionalPath({
    about: 'file for the history of the run, for hearsay replay',
    range: 'a FILE',
    fallback: 'none: nothing is recorded',
  }),
  ...watching,
  json: json(),
  quiet: quiet('summary'),
} satisfies Record<string, Option>;

export const table: Readonly<Record<string, Option>> = { ...experimentOptions, ...outputOptions };

/** Those of virtual time. */
export const virtualOptions: Readonly<Record<string, Option>> = Object.fromEntries(
  Object.entries(table).filter(([, { only }]) => only === 'virtual'),
);

/** On the clock of the wall (`train`), or in virtual time (`simulate`). */
export type Mode = 'live' | 'virtual';

/** Options of a command: of `train`, those of virtual time stay out; of `simulate`, those of the clock on the wall. */
export function tableOf(mode: Mode): Readonly<Record<string, Option>> {
  const wrong = mode === 'live' ? 'virtual' : 'live';
  return Object.fromEntries(
    Object.entries(table).filter(([key, { only }]) => only !== wrong && !(mode === 'virtual' && key === 'deterministic')),
  );
}

/** evaluateEvery is --evaluate-every; a list has its flag in the singular. */
export function flagName(key: string): string {
  return (table[key]?.repeatedFlag ?? key).replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

/** What a --config file may hold, as JSON Schema. */
export function configSchema(): object {
  const shape = { $schema: z.string().optional(), ...schemasOf(table) };
  return { title: 'Hearsay experiment', ...z.toJSONSchema(z.strictObject(shape), { io: 'input' }) };
}

function readCheckpointEvery(text: string, where: string): Every {
  if (text === 'never') return text;
  const unit = text.endsWith('s') ? 'seconds' : 'steps';
  const range = unit === 'steps' ? { whole: true, above: 0, max: 1e9 } : { above: 0, max: 1e9 };
  return { value: readNumber(unit === 'seconds' ? text.slice(0, -1) : text, range, where), unit };
}
