/** How far a piece of work has come, of so many rows, where it takes long. */

import type { Watch } from '../threads/trained.js';
import { count, duration } from './figures.js';
import { openLine } from './line.js';
import type { Surroundings } from './program.js';

/**
 * What `work` gives. Meanwhile, from one second on, a line says how far it is: on a terminal it renews itself, elsewhere there is one
 * every two seconds. `done` is what has been done to the `things`: '2,048 of 10,000 rows judged'. None where it is `quiet`. `now` gives
 * milliseconds.
 */
export function counting<Result>(
  { stderr, env }: Pick<Surroundings, 'stderr' | 'env'>,
  quiet: boolean,
  done: string,
  work: (watch: Watch | undefined) => Result,
  things = 'rows',
  now = () => performance.now(),
): Result {
  if (quiet) return work(undefined);
  const line = openLine(stderr, env);
  const began = now();
  let next = began + 1000;
  try {
    return work((some, all) => {
      const time = now();
      if (time < next || some === all) return;
      next = time + (line.live ? 100 : 2000);
      const left = ((time - began) / 1000) * (all / some - 1);
      const text = `${count(some)} of ${count(all)} ${things} ${done}  ETA ${duration(left)}`;
      if (line.live) line.renew(text);
      else line.print(text);
    });
  } finally {
    line.close();
  }
}
