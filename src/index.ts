/** The public face of Hearsay: everything that a user may import, and nothing else. */

export type { Dataset, Split } from './data/dataset.js';
export { load } from './data/load.js';
export type {
  Algorithm,
  AlgorithmFactory,
  ElementKernel,
  Meeting,
  Operand,
  Peer,
  Row,
  Rows,
  Setting,
  World,
} from './engine/algorithm.js';
export { algorithms } from './engine/algorithms/table.js';
export { type Experiment, type ExperimentInput, parseExperiment } from './engine/experiment.js';
export type { PlaneShape } from './engine/layout.js';
export type { Done, RunEvent, Sample, Spread, Start, StopReason, Summary, ThreadTimes } from './engine/observer.js';
export { type ErrorCode, exitStatus, HearsayError } from './errors.js';
export type { Kernels, RowKernels } from './models/kernels/kernels.js';
export type { Batch, Layer, Model, ModelFactory, Score, Session, Task } from './models/model.js';
export { type Result, type Run, type TrainOptions, train } from './threads/train.js';
export type { TrainedModel } from './threads/trained.js';
export { version } from './threads/version.js';
export { degree, type Graph, neighbour } from './topology/graph.js';
export { spectralGap } from './topology/spectrum.js';
export { topology } from './topology/topology.js';
