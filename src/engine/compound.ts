/** Options whose values have parts, which people write as one text. */

import { z } from 'zod';
import { decimal, readNumber, within } from '../decimal.js';
import { HearsayError } from '../errors.js';
import { quote } from '../spec.js';
import { attackKinds, attackSyntax, attackText, readAttack, scaleRange } from './attack.js';
import { mostNodes } from './capacity.js';
import { numberSchema, written } from './option.js';

/** What a run is measured in: epochs, seconds, steps. */
export const positive = { above: 0, max: 1e9 };
const untilShape = z.strictObject({ metric: z.enum(['accuracy', 'loss']), value: numberSchema({ min: 0, max: 1e9 }) });
const everyShape = z.strictObject({ value: numberSchema(positive), unit: z.enum(['steps', 'seconds', 'epochs']) });
const stragglerShape = z.strictObject({
  node: numberSchema({ whole: true, min: 0, max: mostNodes - 1 }),
  factor: numberSchema({ min: 1, max: 1e6 }),
});
const attackShape = z.strictObject({
  node: numberSchema({ whole: true, min: 0, max: mostNodes - 1 }),
  kind: z.enum(attackKinds),
  scale: numberSchema(scaleRange).default(1),
});

export const until = written(
  {
    about: 'stop as soon as the mean model reaches a target',
    range: 'accuracy=A (above 0, up to 1) | loss=L (at least 0)',
    fallback: 'none',
    placeholder: '<target>',
    default: null,
    write: ({ metric, value }) => [`${metric}=${value}`],
  },
  untilShape.nullable(),
  readUntil,
);

export const evaluateEvery = written(
  {
    about: 'time between two evaluations',
    unit: 'steps over all nodes, or seconds (of virtual time, where there is one), or epochs',
    range: 'N | Ts | Eepochs, a number above 0 (a whole one for steps)',
    fallback: '1epochs',
    placeholder: '<n>',
    default: { value: 1, unit: 'epochs' },
    write: ({ value, unit }) => [`${value}${{ steps: '', seconds: 's', epochs: 'epochs' }[unit]}`],
  },
  everyShape,
  readEvery,
  z.union([z.string(), z.number()]),
);

export const stragglers = {
  ...written(
    {
      about: 'a node whose work takes factor times as long; may be repeated',
      range: 'node=I,factor=F (a node of the run; F from 1 to 1000000)',
      fallback: 'none',
      placeholder: '<which>',
      default: [],
      write: list => list.map(({ node, factor }) => `node=${node},factor=${factor}`),
    },
    z.array(stragglerShape).max(mostNodes),
    readStragglers,
  ),
  repeatedFlag: 'straggler',
};

export const attacks = {
  ...written(
    {
      about: 'a node that commits something else than what it has learnt; may be repeated',
      range: attackSyntax,
      fallback: 'none',
      placeholder: '<which>',
      default: [],
      write: list => list.map(attackText),
    },
    z.array(attackShape).max(mostNodes),
    (text, where) => [readAttack(text, where, mostNodes)],
  ),
  repeatedFlag: 'attack',
};

function readUntil(text: string, where: string): z.output<typeof untilShape> {
  const [metric, value, ...rest] = text.split('=');
  if (!(metric === 'accuracy' || metric === 'loss') || value === undefined || rest.length > 0) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(text)}, allowed is accuracy=A or loss=L; write ${where} accuracy=0.98`,
    );
  }
  return {
    metric,
    value: readNumber(value, metric === 'accuracy' ? { above: 0, max: 1 } : { min: 0, max: 1e9 }, `${where} ${metric}`),
  };
}

function readEvery(text: string, where: string): z.output<typeof everyShape> {
  const suffix = /(s|epochs?)?$/.exec(text)![0];
  const unit = suffix === '' ? 'steps' : suffix === 's' ? 'seconds' : 'epochs';
  if (!within(decimal(text.slice(0, text.length - suffix.length), unit === 'steps'), positive)) {
    const allowed = 'N (steps, a whole number), Ts (seconds) or Eepochs, above 0, in plain decimals';
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(text)}, allowed is ${allowed}; write ${where} 500, 10s or 0.5epochs`,
    );
  }
  return { value: decimal(text.slice(0, text.length - suffix.length), unit === 'steps'), unit };
}

function readStragglers(text: string, where: string): z.output<typeof stragglerShape>[] {
  const match = /^node=([^,]*),factor=([^,]*)$/.exec(text);
  if (!match) {
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(text)}, allowed is node=I,factor=F; write ${where} node=3,factor=10`,
    );
  }
  const node = readNumber(match[1], { whole: true, min: 0, max: mostNodes - 1 }, `${where} node`);
  return [{ node, factor: readNumber(match[2], { min: 1, max: 1e6 }, `${where} factor`) }];
}
