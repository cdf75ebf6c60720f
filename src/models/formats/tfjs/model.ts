/**
 * A network as a Keras model of TensorFlow.js: model.json and shards of weights, for tf.loadLayersModel. Its input has the shape of the
 * data (of a text: its tokens but the last, which is what is told), its output is the prediction. Parameters have the shapes that Keras
 * gives them; what an input goes through first is in layers that are not trainable.
 */

import type { Graph, HeadKind, Range } from '../../layers/operation.js';
import type { Model } from '../../model.js';
import type { Inputs, Origin } from '../inputs.js';
import { unknownLayers } from '../layout.js';
import { writeSteps } from '../writers.js';
import { denseConfig, operations, reshape, scaled } from './operations.js';
import { type Applied, openTopology, type Topology } from './topology.js';

/** Bytes of one file of weights: what tfjs's own tools make. */
const shardBytes = 4 * 2 ** 20;

/** The files by their names, model.json last. Throws CONFIG_RANGE for a model whose layers are not known. */
export function writeTfjs(model: Model, weights: Float32Array, inputs: Inputs, origin: Origin): ReadonlyMap<string, Uint8Array> {
  const { graph } = model;
  if (!graph) throw unknownLayers(model.name, 'tfjs', 'allowed is --format safetensors or npz');
  const topology = openTopology('hearsay');
  const values = ({ offset, shape }: Range) => weights.slice(offset, offset + shape.reduce((product, n) => product * n, 1));
  const output = predictions(
    topology,
    graph,
    writeSteps(operations, { topology, values }, graph.steps, first(topology, graph, inputs)),
  );
  const bytes = bytesOf(topology);
  const count = Math.ceil(bytes.length / shardBytes);
  const files = new Map<string, Uint8Array>();
  for (let k = 0; k < count; k++)
    files.set(`group1-shard${k + 1}of${count}.bin`, bytes.subarray(k * shardBytes, (k + 1) * shardBytes));
  const held = topology.weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  const json = {
    format: 'layers-model',
    generatedBy: `hearsay ${origin.version}`,
    convertedBy: null,
    modelTopology: { keras_version: '2.15.0', backend: 'tensorflow', model_config: topology.config(output) },
    weightsManifest: [{ paths: [...files.keys()], weights: held }],
    userDefinedMetadata: origin.metadata,
  };
  return files.set('model.json', new TextEncoder().encode(`${JSON.stringify(json, null, 1)}\n`));
}

function bytesOf({ weights }: Topology): Uint8Array {
  const bytes = new Uint8Array(weights.reduce((sum, { values }) => sum + values.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { values } of weights)
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  return bytes;
}

/** The input, as the first layer wants it. */
function first(topology: Topology, { input, steps }: Graph, inputs: Inputs): Applied {
  if (steps[0]?.operation.kind === 'embedding') return topology.input([steps[0].output[0]]);
  const { of, scale, shift, standard } = inputs;
  let x = topology.input(input);
  const rescaled = (scale: number, offset: number) => {
    if (scale !== 1 || offset !== 0) x = topology.add('Rescaling', 'standardize', { scale, offset }, [x]);
  };
  if (of === 'bytes') rescaled(scale, shift);
  if (!standard) return x;
  const { mean, factor } = standard;
  if (mean.length === 1) {
    rescaled(1, -mean[0]);
    rescaled(factor[0], 0);
    return x;
  }
  const size = mean.length;
  const near = Float32Array.from(mean);
  const flat = input.length === 1 ? x : reshape(topology, [size], x);
  // A mean may be far larger than what differs from it: what a float of it loses is put back behind.
  const ones = { weight: new Float32Array(size).fill(1), bias: near.map(value => -value), trainable: false };
  const lost = Float32Array.from(mean, (value, k) => (near[k] - value) * factor[k]);
  const shifted = scaled(topology, 'standardize', [size], ones, flat);
  const made = scaled(
    topology,
    'standardize',
    [size],
    { weight: Float32Array.from(factor), bias: lost, trainable: false },
    shifted,
  );
  return input.length === 1 ? made : reshape(topology, input, made);
}

function predictions(topology: Topology, { head, tokens, steps }: Graph, scores: Applied): Applied {
  if (tokens === 1) return heads[head](topology, scores);
  const classes = steps.at(-1)!.output.at(-1)!;
  const image = reshape(topology, [tokens, classes, 1], scores);
  const cropping = [
    [tokens - 1, 0],
    [0, 0],
  ];
  const last = topology.add('Cropping2D', 'last', { cropping }, [image]);
  return heads[head](topology, reshape(topology, [classes], last));
}

const heads: Readonly<Record<HeadKind, (topology: Topology, scores: Applied) => Applied>> = {
  softmax: (topology, scores) => topology.add('Softmax', 'probabilities', { axis: -1 }, [scores]),
  // The chances of two classes by one score: the softmax of 0 and it.
  logistic: (topology, scores) =>
    topology.add('Dense', 'probabilities', { ...denseConfig(2, false, 'softmax'), trainable: false }, [scores], {
      kernel: { shape: [1, 2], values: Float32Array.of(0, 1) },
    }),
  hinge: (topology, scores) =>
    topology.add('Dense', 'values', { ...denseConfig(2, false, 'linear'), trainable: false }, [scores], {
      kernel: { shape: [1, 2], values: Float32Array.of(-1, 1) },
    }),
  squared: (_, scores) => scores,
};
