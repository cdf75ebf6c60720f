/** Laws of delays of every kind, for properties over all of them. */

import fc from 'fast-check';
import {
  type Delay,
  exponentialDelay,
  fixedDelay,
  sampledDelay,
  shiftedDelay,
  sumOfDelays,
  truncatedDelay,
} from '../../../src/theory/delay/law.js';

const time = fc.double({ min: 0.01, max: 5, noNaN: true });
const samples = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 1, maxLength: 12 });

/** Means between 0.01 and about 10. */
export const laws: fc.Arbitrary<Delay> = fc
  .oneof(
    time.map(fixedDelay),
    time.map(exponentialDelay),
    fc.tuple(time, time).map(([fixed, rate]) => shiftedDelay(fixed, rate)),
    samples.map(sampledDelay),
    fc.tuple(samples, time).map(([times, mean]) => sumOfDelays(sampledDelay(times), exponentialDelay(mean))),
    fc.tuple(time, time, time).map(([fixed, rate, more]) => truncatedDelay(shiftedDelay(fixed, rate), fixed + more)),
  )
  .filter(({ starts, tail }) => tail > 0 || starts[starts.length - 1] >= 0.01);
