/**
 * A model of TensorFlow.js, written as in Keras: two convolutions, dropout and a dense layer, for images.
 *
 *   hearsay train --model ./dist/examples/keras.js:filters=8 --nodes 4
 *
 * The function is called in every thread. Its weights are drawn from the seed of the run, and so is what is dropped: the same run with
 * --deterministic, or replayed, has the same bits.
 */

import * as tf from '@tensorflow/tfjs';
import type { LayersModelFactory } from 'hearsay';

const keras: LayersModelFactory = ({ filters = '8', dropout = '0.2' }, { shape, classes }) => {
  const [channels, height, width] = shape.length === 2 ? [1, ...shape] : shape;
  const convolution = { kernelSize: 3, strides: 2, activation: 'relu' as const };
  return tf.sequential({
    layers: [
      tf.layers.conv2d({ ...convolution, filters: Number(filters), inputShape: [height, width, channels] }),
      tf.layers.conv2d({ ...convolution, filters: 2 * Number(filters) }),
      tf.layers.flatten(),
      tf.layers.dropout({ rate: Number(dropout) }),
      tf.layers.dense({ units: classes, activation: 'softmax' }),
    ],
  });
};

export default keras;
