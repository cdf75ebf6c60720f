/**
 * Watching a run from code: its events as they come, looks at it between them, a pause, and a stop by a rule of one's own. `--serve` of
 * the command line shows the same in a browser.
 *
 *   node dist/examples/watch.js
 */

import { train } from 'hearsay';

const run = train({ data: 'digits:2000', model: 'softmax', nodes: 8, topology: 'ring', epochs: 5000, evaluateEvery: '0.1s' });

// A glance costs the run nothing but the look.
const timer = setInterval(() => {
  const glance = run.glance();
  if (!glance) return; // not yet begun
  const slowest = Math.min(...glance.nodes.steps);
  console.log(`${glance.state}: ${glance.steps} steps, at least ${slowest} a node, ${glance.exchanges} exchanges`);
}, 100);

let best = Number.POSITIVE_INFINITY;
let worse = 0;
for await (const event of run) {
  if (event.event !== 'sample') continue;
  if (best === Number.POSITIVE_INFINITY) {
    run.pause(); // everybody parks after the op in hand; the clock of training stands still
    setTimeout(() => run.resume(), 50);
  }
  worse = event.loss < best - 1e-4 ? 0 : worse + 1;
  best = Math.min(best, event.loss);
  if (worse >= 3) run.stop(); // three evaluations without progress
}
clearInterval(timer);

const { done } = await run.result;
console.log(`${done.stopReason} after ${done.epoch.toFixed(0)} epochs, loss ${best.toFixed(3)}`);
