/**
 * Loaded before every test file: properties run the same cases every time, so that a run says something about a change and nothing
 * about luck. HEARSAY_SEED=random draws new cases; HEARSAY_SEED=N repeats those of a failure.
 */

import fc from 'fast-check';

const seed = process.env.HEARSAY_SEED ?? '1';
if (seed !== 'random') fc.configureGlobal({ seed: Number(seed) });
