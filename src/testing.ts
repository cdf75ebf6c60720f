/**
 * `hearsay/testing`: what one needs to property-test algorithms, topologies and protocols of one's own.
 *
 * @module hearsay/testing
 */

export type { Attack } from './engine/attack.js';
export { anyGraph, connectedGraph, partition, play, schedule } from './testing/arbitraries.js';
export {
  type Access,
  again,
  type Cells,
  describeFailure,
  type ExploreOptions,
  explore,
  exploreRandomly,
  type FailedSchedule,
  Failure,
  type Piece,
  type RandomOptions,
  type Report,
  replay,
  type Scene,
  type Shared,
  type StepEvent,
  type StepOptions,
} from './testing/explore.js';
export { driftBound, hull, potential, squaredDistance, sums } from './testing/invariants.js';
export { type Rehearsal, type RehearsalOptions, rehearse } from './testing/rehearsal.js';
export { components, requireConnected } from './topology/components.js';
export { graphOf } from './topology/module.js';
export { requireValid } from './topology/validity.js';
