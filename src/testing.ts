/** `hearsay/testing`: what one needs to property-test algorithms, topologies and protocols of one's own. */

export { driftBound, hull, potential, squaredDistance, sums } from './testing/invariants.js';
export { type Rehearsal, type RehearsalOptions, rehearse } from './testing/rehearsal.js';
