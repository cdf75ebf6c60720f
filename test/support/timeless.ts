/** What two runs of the same must say alike: everything but what was measured on the clock of the wall, and who did the work. */

import type { Done, Sample } from '../../src/engine/observer.js';

export function timeless({ samples, done }: { readonly samples: readonly Sample[]; readonly done: Done }) {
  const { stepsPerSecond, samplesPerSecond, secondsEvaluating, wallSeconds, secondsToTarget, ...counted } = done;
  const { gossipShare, blockedShare, perThread, played, seconds: _, ...end } = counted;
  return { samples: samples.map(({ seconds, ...sample }) => sample), end };
}
