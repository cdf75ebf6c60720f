/** Where a dashboard listens, and who may read it. */

import type { Place } from '../dashboard/live.js';
import { HearsayError } from '../errors.js';

/** A token of one's own comes in HEARSAY_TOKEN: what stands on a command line, everybody on the machine can see. Throws CONFIG_RANGE. */
export function placeOf(port: number, host: string | null, env: Readonly<Record<string, string | undefined>>): Place {
  const { HEARSAY_TOKEN: token } = env;
  if (token !== undefined && !/^[\w-]{16,128}$/.test(token)) {
    const found = `found ${token.length} characters`;
    throw new HearsayError(
      'CONFIG_RANGE',
      `HEARSAY_TOKEN: ${found}, allowed are 16 to 128 letters, digits, - and _; unset it for one that is drawn`,
    );
  }
  return { port, host: host ?? '127.0.0.1', ...(token !== undefined && { token }) };
}
