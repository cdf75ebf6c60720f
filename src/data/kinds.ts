/** Files whose kind a user tells, as text:FILE and ratings:FILE. */

import { HearsayError } from '../errors.js';
import { type Named, readSettings } from '../settings.js';
import { expectSettings, parseSpec } from '../spec.js';
import { drawn, drawnData } from './drawn.js';
import { textSettings } from './text.js';

/** What help says of data with a name. */
export const namedData: readonly Named[] = [
  ...drawnData,
  { form: 'text:FILE', about: 'characters, of which each is predicted from those before it', settings: textSettings },
  { form: 'ratings:FILE', about: 'lines of user, item and rating', settings: {} },
];

export type Told =
  | { readonly kind: 'text'; readonly path: string; readonly context: number | undefined }
  | { readonly kind: 'ratings'; readonly path: string };

/**
 * What `text` tells of a file; undefined when it tells nothing. The path ends where only ,key=value follow. Throws CONFIG_RANGE,
 * CONFIG_UNKNOWN_KEY, CONFIG_TYPE for wrong settings; `where` names the option.
 */
export function told(text: string, where = 'data'): Told | undefined {
  const [, kind, path, rest] = /^(text|ratings):(.*?)((?:,[A-Za-z][A-Za-z0-9-]*=[^,/\\]*)*)$/s.exec(text) ?? [];
  if (kind === undefined) return undefined;
  if (path === '') throw new HearsayError('CONFIG_RANGE', `${where}: no file in '${kind}:'; write ${kind}:FILE`);
  const spec = parseSpec(rest === '' ? kind : `${kind}:${rest.slice(1)}`, where);
  if (kind === 'ratings') {
    expectSettings(spec, [], where);
    return { kind, path };
  }
  const { context } = readSettings(spec, textSettings, where);
  return { kind: 'text', path, context: 'context' in spec.options ? context : undefined };
}

/** Throws what a wrong name of data throws: a check that draws and opens nothing. */
export function checkData(text: string, where: string): void {
  told(text, where);
  drawn(text, where);
}
