/**
 * One way to write a named thing with settings: NAME, NAME:4,.1, NAME:key=value,key=value, or both, plain values first.
 * A module is a name too: ./mine.js:key=value, file:///home/me/mine.js; and a saved model: tfjs:PATH/model.json.
 */

import { HearsayError } from './errors.js';
import { suggestion } from './nearest.js';

export interface Spec {
  readonly name: string;
  /** The plain values, in order. */
  readonly args: readonly string[];
  /** The key=value pairs; an object without a prototype. */
  readonly options: Readonly<Record<string, string>>;
}

/** Takes `text` apart. `where` names it in messages. Throws CONFIG_RANGE, CONFIG_TYPE or CONFIG_UNKNOWN_KEY. */
export function parseSpec(text: string, where: string): Spec {
  const refuse = (what: string) =>
    new HearsayError('CONFIG_RANGE', `${where}: ${what} in ${quote(text)}; write NAME, NAME:value,... or NAME:key=value,...`);
  if (text.length > 4096) throw refuse('more than 4096 characters');
  const { name, rest } = split(text);
  if (name.trim() === '' || name !== name.trim()) throw refuse(name === '' ? 'no name' : 'a space around the name');
  const args: string[] = [];
  const options: Record<string, string> = Object.create(null);
  if (rest === undefined) return { name, args, options };
  for (const part of rest.split(',')) {
    const equals = part.indexOf('=');
    if (part === '') throw refuse('an empty setting');
    if (equals < 0) {
      if (Object.keys(options).length > 0) throw refuse(`${quote(part)}, a plain value after a key=value,`);
      args.push(part);
      continue;
    }
    const key = part.slice(0, equals);
    if (!keyPattern.test(key)) {
      throw new HearsayError(
        'CONFIG_UNKNOWN_KEY',
        `${where}: ${quote(key)} in ${quote(text)} is no name of a setting; write NAME:key=value,...`,
      );
    }
    if (key in options) throw new HearsayError('CONFIG_TYPE', `${where}: ${key} is given twice in ${quote(text)}; give it once`);
    if (equals === part.length - 1) throw refuse(`no value for ${key}`);
    options[key] = part.slice(equals + 1);
  }
  return { name, args, options };
}

/** True when the name of a spec is a module: it begins with ./, ../, / or file: and ends in .js or .mjs. */
export function isModule(name: string): boolean {
  return modulePattern.test(name);
}

/** The path of the model.json when the name of a spec is a saved model of TensorFlow.js: tfjs:PATH.json. */
export function savedModelOf(name: string): string | undefined {
  return savedPattern.exec(name)?.[1];
}

/** The text that `parseSpec` reads as `spec`. */
export function specText({ name, args, options }: Spec): string {
  const settings = [...args, ...Object.entries(options).map(([key, value]) => `${key}=${value}`)];
  return settings.length === 0 ? name : `${name}:${settings.join(',')}`;
}

/**
 * Throws CONFIG_UNKNOWN_KEY when the spec has a setting that is not `allowed`, and CONFIG_RANGE when it has more than `values` plain
 * values.
 */
export function expectSettings(spec: Spec, allowed: readonly string[], where: string, values = 0): void {
  const known = allowed.length === 0 ? 'it takes no key=value' : `known are ${allowed.join(', ')}`;
  for (const key of Object.keys(spec.options)) {
    if (!allowed.includes(key)) {
      throw new HearsayError(
        'CONFIG_UNKNOWN_KEY',
        `${where}: ${spec.name} has no setting ${quote(key)}, ${known}${suggestion(key, allowed)}`,
      );
    }
  }
  if (spec.args.length > values) {
    const remedy = values === 0 ? `; write ${spec.name}${allowed.length ? `:${allowed[0]}=${spec.args[0]}` : ''}` : '';
    throw new HearsayError(
      'CONFIG_RANGE',
      `${where}: found ${quote(specText(spec))}, ${spec.name} takes ${values === 0 ? 'no' : `at most ${values}`} plain value${values === 1 ? '' : 's'}${remedy}`,
    );
  }
}

/** `text` in quotes, one line, cut when it is long: for messages. */
export function quote(text: string): string {
  const line = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
  return `'${line.length > 60 ? `${line.slice(0, 57)}...` : line}'`;
}

const keyPattern = /^[A-Za-z][A-Za-z0-9-]*$/;
const modulePattern = /^(\.{0,2}\/|file:).*\.m?js$/;
const savedPattern = /^tfjs:(.+\.json)$/s;

function split(text: string): { name: string; rest?: string } {
  // A path may hold colons; the settings of a module begin after its extension.
  const path = /^((?:\.{0,2}\/|file:).*?\.m?js|tfjs:.+?\.json)(?::(.*))?$/s.exec(text);
  if (path) return { name: path[1], rest: path[2] };
  const colon = text.indexOf(':');
  return colon < 0 ? { name: text } : { name: text.slice(0, colon), rest: text.slice(colon + 1) };
}
