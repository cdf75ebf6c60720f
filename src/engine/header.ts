/** The shape as it stands in the header, so that the memory describes itself: magic, version, numbers, planes by name. */

import { HearsayError } from '../errors.js';
import type { Shape, TableShape } from './layout.js';

const magic = 0x59534548; // 'HESY'
const version = 3;

/** Word of the first plane's entry, words of an entry, and those of its name, a character each. */
const firstPlane = 64;
const planeWords = 32;
const nameWords = 29;

/** Writes the shape into the header, so that the memory describes itself. */
export function writeShape(words: Int32Array, shape: Shape): void {
  const numbers = shapeNumbers(shape);
  words[0] = magic;
  words[1] = version;
  words.set(numbers, 2);
  shape.planes.forEach(({ name, sides, width = 0, carried = false }, k) => {
    const at = firstPlane + k * planeWords;
    for (let i = 0; i < nameWords; i++) words[at + i] = name.charCodeAt(i) || 0;
    words[at + nameWords] = sides;
    words[at + nameWords + 1] = width;
    words[at + nameWords + 2] = carried ? 1 : 0;
  });
}

/** Reads the shape back. Throws STATE when the memory was not laid out by this version. */
export function readShape(words: Int32Array): Shape {
  if (words[0] !== magic || words[1] !== version) {
    throw new HearsayError('STATE', `memory: found magic ${words[0]} version ${words[1]}, expected ${magic} version ${version}`);
  }
  const n = Array.from(words.subarray(2, 2 + 22), x => x >>> 0);
  const planes = Array.from({ length: n[4] }, (_, k) => {
    const entry = words.subarray(firstPlane + k * planeWords, firstPlane + (k + 1) * planeWords);
    const codes = Array.from(entry.subarray(0, nameWords)).filter(code => code > 0);
    return {
      name: String.fromCharCode(...codes),
      sides: entry[nameWords] as 1 | 2,
      ...(entry[nameWords + 1] > 0 ? { width: entry[nameWords + 1] } : {}),
      ...(entry[nameWords + 2] > 0 ? { carried: true } : {}),
    };
  });
  return {
    nodes: n[0],
    extraRows: n[1],
    parameters: n[2],
    threads: n[3],
    planes,
    scratch: n[5],
    partials: n[6],
    slots: n[7],
    ring: n[8],
    ops: n[9],
    events: n[10],
    train: tableOf(n[11], n[12], n[13], n[17], n[19]),
    test: tableOf(n[14], n[15], n[16], n[18], n[20]),
    parts: n[21],
  };
}

/** `more`: entries of sparse rows plus 1, or 0. */
function tableOf(rows: number, features: number, width: number, more: number, ones: number): TableShape {
  return { rows, features, width: width as 1 | 4, ...(more > 0 && { entries: more - 1 }), ...(ones === 1 && { ones: true }) };
}

function shapeNumbers(shape: Shape): number[] {
  const { train, test } = shape;
  return [
    ...[shape.nodes, shape.extraRows, shape.parameters, shape.threads, shape.planes.length, shape.scratch, shape.partials],
    ...[shape.slots ?? 0, shape.ring ?? 0, shape.ops ?? 0, shape.events ?? 0],
    ...[train.rows, train.features, train.width, test.rows, test.features, test.width],
    ...[train, test].map(({ entries }) => (entries === undefined ? 0 : entries + 1)),
    ...[train, test].map(({ ones }) => (ones ? 1 : 0)),
    shape.parts,
  ];
}
