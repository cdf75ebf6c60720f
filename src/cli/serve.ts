/** `hearsay serve`: a finished run, from its folder, in a browser. */

import { number, type Option } from '../engine/option.js';
import { usualPort, watching } from './options.js';
import { placeOf } from './place.js';
import type { Surroundings } from './program.js';

export const serveOptions = {
  port: number({
    about: 'port to listen on (0: any that is free)',
    range: { whole: true, min: 0, max: 65535 },
    default: usualPort,
  }),
  host: watching.host,
} satisfies Record<string, Option>;

export interface ServeSettings {
  readonly folder: string;
  readonly port: number;
  readonly host: string | null;
}

/** Serves until a signal. Returns the exit status. Throws DATA_NOT_FOUND, DATA_CORRUPT, PORT_IN_USE, and what `placeOf` does. */
export async function serveCommand({ folder, port, host }: ServeSettings, around: Surroundings): Promise<number> {
  const place = placeOf(port, host, around.env);
  const { openKept } = await import('../dashboard/kept.js');
  const server = await openKept(folder, place);
  await new Promise<void>(resolve => {
    const forget = around.onSignal(() => {
      forget();
      resolve();
    });
    around.stderr.write(`${folder} at ${server.address}\nCtrl-C ends it\n`);
  });
  await server.close();
  return 0;
}
