/** Writing a file that is there whole or not at all, whatever happens meanwhile. */

import { removeDrafts } from '../threads/replacefile.js';
import type { Surroundings } from './program.js';

/** What `write` gives. Ctrl-C meanwhile ends the process with 130, and leaves nothing half written. */
export async function writing<Result>(
  around: Pick<Surroundings, 'onSignal' | 'exit'>,
  write: () => Promise<Result>,
): Promise<Result> {
  const forget = around.onSignal(() => {
    removeDrafts();
    around.exit(130);
  });
  try {
    return await write();
  } finally {
    forget();
  }
}
