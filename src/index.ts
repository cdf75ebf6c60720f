/**
 * The public face of Hearsay: everything that a user may import, and nothing else.
 *
 * @module hearsay
 */

export type { Bins } from './bins.js';
export type { Dataset, Places, Split, Standard } from './data/dataset.js';
export { load } from './data/load.js';
export type { Loading } from './data/loading.js';
export type {
  Algorithm,
  AlgorithmFactory,
  DescentPlanes,
  Meeting,
  NodeClock,
  Operand,
  Order,
  Peer,
  Row,
  RowKernel,
  Rows,
  RowWork,
  Setting,
  Slot,
  Stowing,
  World,
} from './engine/algorithm.js';
export type { BuiltIn } from './engine/algorithms/builtin.js';
export { algorithms } from './engine/algorithms/table.js';
export type { Quantization } from './engine/compress/transfer.js';
export { type Experiment, type ExperimentInput, parseExperiment } from './engine/experiment.js';
export type { Glance, NodesGlance, SeatGlance } from './engine/glance.js';
export type { PlaneShape } from './engine/layout.js';
export type { Link, LinkFactory, LinkSetting } from './engine/link.js';
export type { MassRule } from './engine/mass.js';
export type {
  Death,
  Done,
  Played,
  RunEvent,
  Sample,
  Spread,
  Start,
  StopReason,
  Summary,
  ThreadTimes,
  VirtualNumbers,
  WideSpread,
} from './engine/observer.js';
export { type ErrorCode, exitStatus, HearsayError } from './errors.js';
export type { ExportFormat } from './models/formats/kinds.js';
export type { Layout } from './models/formats/layout.js';
export type { RowKernels } from './models/kernels/contract/rows.js';
export type { Kernels } from './models/kernels/kernels.js';
export type { Graph as LayerGraph, Operation, Step as LayerStep } from './models/layers/operation.js';
export type { Backend, Batch, Chance, Layer, Lying, Model, ModelFactory, Score, Session, Task } from './models/model.js';
export type { LayersModel, LayersModelFactory } from './models/tensorflow/types.js';

export { consensusDecay, type Decay } from './theory/consensus.js';
export { type Answer, calculate, type Direction, type Lateness, type Question, type Verdict } from './theory/delay/calculator.js';
export { type Claim, claims } from './theory/delay/claims.js';
export {
  type Delay,
  exponentialDelay,
  fixedDelay,
  sampledDelay,
  shiftedDelay,
  sumOfDelays,
  truncatedDelay,
} from './theory/delay/law.js';
export { largestSmoothStep, largestStableStep, type Settling, settlingUpdates } from './theory/delay/recursion.js';
export { dominantRoot, type Root } from './theory/delay/root.js';
export { stationaryVariance } from './theory/delay/variance.js';
export {
  type Arrivals,
  arrivals,
  type Best,
  bestThreshold,
  bestWorkers,
  type Crew,
  decayRate,
  largestSteps,
  type SweepRow,
  workerSweep,
} from './theory/delay/workers.js';
export type { Estimate, Sampling } from './theory/estimate.js';
export type { Gossip } from './theory/flow.js';
export { type Curvatures, curvatures, differences, type Slope } from './theory/hessian.js';
export { averagingSettles, averagingWeights, type Participation, postponedSettles } from './theory/participation.js';
export type { Network, Scheme, Step, Way } from './theory/plan/network.js';
export { type Known, plan } from './theory/plan/plan.js';
export type { Kind, Said, Statement, Topic } from './theory/plan/statement.js';
export { bestStaleness, meanAge, type Staleness, staleness, stalenessOf } from './theory/staleness.js';
export { deterministic, poisson, shiftedExponential, type UpdateLaw } from './theory/updates.js';
export type { Every } from './threads/checkpoints.js';
export { type Continuing, continuation } from './threads/continuation.js';
export type { State as RunState } from './threads/course.js';
export type { ExportOptions } from './threads/export.js';
export type { Recorded } from './threads/history.js';
export { type LoadOptions, loadModel } from './threads/loaded.js';
export { type Replay, type ReplayDone, type ReplayEvent, type ReplayOptions, replay } from './threads/replay.js';
export type { Longer } from './threads/resume.js';
export { type Result, type Run, type RunGlance, resume, simulate, type TrainOptions, train } from './threads/train.js';
export type { SparseRows, TrainedModel, Watch } from './threads/trained.js';
export { version } from './threads/version.js';
export { degree, type Graph, neighbour } from './topology/graph.js';
export type { Edge, TopologyFactory, TopologySetting } from './topology/module.js';
export { type Gap, spectralGap } from './topology/spectrum.js';
export { topology } from './topology/topology.js';
