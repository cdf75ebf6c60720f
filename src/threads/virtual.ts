/** The numbers of a run in virtual time. */

import type { VirtualNumbers } from '../engine/observer.js';
import type { Simulation } from '../engine/simulate.js';
import { Scalar, type Timeline } from '../engine/timeline.js';

export function virtualNumbers(simulation: Simulation, { scalars }: Timeline): VirtualNumbers {
  return {
    time: simulation.time(),
    events: simulation.events(),
    live: simulation.live.length,
    joined: scalars[Scalar.Joined],
    left: scalars[Scalar.Left],
    crashed: scalars[Scalar.Crashed],
    lost: scalars[Scalar.Lost],
    lostPieces: scalars[Scalar.LostPieces],
    lostSteps: scalars[Scalar.LostSteps],
    refused: scalars[Scalar.Refused],
  };
}
