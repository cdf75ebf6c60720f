/**
 * Loaded before every test file: properties run the same cases every time, so that a run says something about a change and nothing
 * about luck. HEARSAY_SEED=random draws new cases; HEARSAY_SEED=N repeats those of a failure.
 */

import fc from 'fast-check';

const seed = process.env.HEARSAY_SEED ?? '1';
// An array may be as long as its test says: without this, fast-check keeps to some ten elements whatever the maximum.
fc.configureGlobal({ ...(seed !== 'random' && { seed: Number(seed) }), defaultSizeToMaxWhenMaxSpecified: true });
