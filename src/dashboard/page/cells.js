/** All nodes, where there are more than can be drawn with their edges: a pixel each, row by row. */

import { scale } from './colours.js';

/** `bytes`: one a node, 0..254, or 255 where nothing is known. */
export function drawCells(canvas, bytes) {
  const side = Math.ceil(Math.sqrt(bytes.length));
  canvas.width = side;
  canvas.height = Math.ceil(bytes.length / side);
  const context = canvas.getContext('2d');
  const image = context.createImageData(canvas.width, canvas.height);
  for (let k = 0; k < bytes.length; k++) {
    const [red, green, blue] = scale[bytes[k]];
    image.data[4 * k] = red;
    image.data[4 * k + 1] = green;
    image.data[4 * k + 2] = blue;
    image.data[4 * k + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
