/**
 * What a message meets on its way: a line that may be taken, delay, loss. Draws are pure functions; who waits for a line is the
 * simulation's business (see lines.ts).
 */

import { HearsayError } from '../errors.js';
import { suggestion } from '../nearest.js';
import { source, uniform, word } from '../random.js';
import { type Named, numeric, oneOf, readSettings, type Settings } from '../settings.js';
import { parseSpec, quote, type Spec } from '../spec.js';
import { type Law, type LawName, laws, type NamedLaw } from './law.js';
import { openRadio, sinr } from './radio.js';

/** A link of virtual time: how long messages take, and which get lost. */
export interface Link {
  readonly name: string;
  /** True when every message arrives at once: delay is 0 always. */
  readonly ideal: boolean;
  /** Bytes a second of the line of each node, which takes one message after another; no bound when left out. */
  readonly bandwidth?: number;
  /** Mean of `delay` in seconds, where it is known: for the advice in an error. */
  readonly mean?: number;
  /**
   * Seconds until message number `k` of `from` to `to`, of `bytes` bytes, arrives; -1 when it is lost. Without the time that it waits for
   * the line and is on it. A pure function.
   */
  delay(from: number, to: number, k: number, bytes: number): number;
}

/** What a link may know when it is built: the seed of the run, and how many nodes there are. */
export interface LinkSetting {
  readonly seed: number;
  readonly nodes: number;
}

/** The default export of a module that a user writes as a link. */
export type LinkFactory = (options: Readonly<Record<string, string>>, setting: LinkSetting) => Link;

/** What may be written for a link, for help texts and errors. */
export const linkSyntax =
  'ideal | delay with :mean=T,law=constant|exponential|shifted|lognormal|pareto (c=,mu=,sigma=,shape=),loss=P,bandwidth=B | sinr with :radius=,band=,deadline=,... | MODULE';

const settings = {
  mean: numeric('seconds on average', { min: 0, max: 1e9 }, 0),
  law: oneOf('how the time is drawn; a law has its own settings too (see --clock)', Object.keys(laws) as [LawName, ...LawName[]]),
  loss: numeric('chance that a message is lost', { min: 0, max: 1 }, 0),
  bandwidth: numeric(
    'bytes a second that a node can send, one message after another',
    { min: 1e-3, max: 1e15 },
    Number.POSITIVE_INFINITY,
    'no bound',
  ),
};

/** What may be asked for, for help texts. */
export const links: readonly Named[] = [
  { form: 'ideal', about: 'every message arrives at once', settings: {} },
  { form: 'delay', about: 'messages take time, or get lost', settings },
  sinr,
];

/**
 * The built-in link that `text` names (see `linkSyntax`). `delay` waits a time of the law, constant unless said otherwise, of the given
 * mean (0 when left out; shifted takes c and mu instead), once the line of the sender has taken the message: bytes / bandwidth (bytes a
 * second; no time when left out) for each that it has sent, in their order; it loses a message with probability loss. Throws CONFIG_RANGE
 * or CONFIG_UNKNOWN_KEY.
 */
export function namedLink(text: string, setting: LinkSetting, where = 'link'): Link {
  const spec = parseSpec(text, where);
  if (spec.name === 'ideal') {
    readSettings(spec, {}, where);
    return { name: text, ideal: true, delay: () => 0 };
  }
  if (spec.name === 'delay') return delayed(text, spec, setting.seed, where);
  if (spec.name === 'sinr') return openRadio(text, readSettings(spec, sinr.settings, where), setting);
  const hint = suggestion(spec.name, ['ideal', 'delay', 'sinr']);
  throw new HearsayError('CONFIG_RANGE', `${where}: found ${quote(text)}, allowed is ${linkSyntax}${hint}`);
}

function delayed(name: string, spec: Spec, seed: number, where: string): Link {
  const chosen = spec.options.law === undefined ? 'constant' : settings.law.read(spec.options.law, `${where}: delay: law`);
  const law: NamedLaw = laws[chosen];
  const own: Settings = chosen === 'shifted' ? law.settings : { ...law.settings, mean: settings.mean };
  const { loss, bandwidth } = settings;
  const values = readSettings(spec, { ...own, law: settings.law, loss, bandwidth }, `${where} with law=${chosen}`);
  return lossy(name, seed, law.open(values), values.loss, values.bandwidth);
}

function lossy(name: string, seed: number, { mean, sample }: Law, loss: number, bandwidth: number): Link {
  const pairs = source(seed, 'link pairs');
  const delays = source(seed, 'link delays');
  const losses = source(seed, 'link losses');
  return {
    name,
    ideal: mean === 0 && loss === 0 && bandwidth === Number.POSITIVE_INFINITY,
    bandwidth,
    mean,
    delay(from, to, k) {
      const pair = word(pairs, from, to);
      if (loss > 0 && uniform(losses, pair, k) < loss) return -1;
      return sample(delays, pair, k);
    },
  };
}

/**
 * The link that the function of module `name` has returned, watched: a delay that is neither -1 nor a finite number of at least
 * 0 ends the run. Throws MODULE_INVALID when it is no Link, and later from `delay`.
 */
export function moduleLink(returned: unknown, name: string): Link {
  const link = returned as Partial<Link> | null | undefined;
  if (typeof link?.delay !== 'function' || typeof link.name !== 'string' || typeof link.ideal !== 'boolean') {
    throw new HearsayError(
      'MODULE_INVALID',
      `link ${name}: its function must return a Link: { name: string, ideal: boolean, delay(from, to, k, bytes) { return seconds } }`,
    );
  }
  const { delay, bandwidth = Number.POSITIVE_INFINITY, mean } = link;
  if (!(bandwidth > 0)) {
    throw new HearsayError(
      'MODULE_INVALID',
      `link ${name}: found bandwidth ${bandwidth}, allowed is a number above 0; or leave it out`,
    );
  }
  return {
    name: link.name,
    ideal: link.ideal,
    bandwidth,
    ...(typeof mean === 'number' && mean >= 0 ? { mean } : {}),
    delay(from, to, k, bytes) {
      const seconds = delay.call(link, from, to, k, bytes);
      if (seconds === -1 || (Number.isFinite(seconds) && seconds >= 0)) return seconds;
      throw new HearsayError(
        'MODULE_INVALID',
        `link ${name}: delay(${from}, ${to}, ${k}, ${bytes}): found ${seconds}, allowed is a finite number from 0, or -1 for a loss`,
      );
    },
  };
}
