/**
 * Going on with a run that was stopped, by its checkpoints. In virtual time it ends with the very bits of a run that was never stopped;
 * a live run would keep every model and all state.
 *
 *   node dist/examples/resume.js
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resume, simulate } from 'hearsay';

const folder = mkdtempSync(join(tmpdir(), 'resume-'));
const experiment = { data: 'digits:1000', model: 'softmax', nodes: 8, clock: 'lognormal:sigma=1' };

const whole = await simulate({ ...experiment, epochs: 6 }).result;
const half = await simulate({ ...experiment, epochs: 3 }, { checkpoints: { folder } }).result;
const rest = await resume(folder, { longer: { epochs: 6 } }).result;

console.log(`half of it: ${half.done.steps} steps; gone on with: ${rest.done.steps}; at once: ${whole.done.steps}`);
console.log(rest.done.parametersHash === whole.done.parametersHash ? 'the same bits' : 'other bits');
rmSync(folder, { recursive: true });
