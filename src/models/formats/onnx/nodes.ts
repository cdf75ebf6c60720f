/** A graph of ONNX as it grows: nodes, and the constants that they look at, each under a name of its own. */

import { type Attribute, attributes, type Initializer, type Node, types } from './proto.js';

export interface Nodes {
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  /** Adds a node. Returns the name of what it gives: `output`, or one that is made of the operator's. */
  add(operator: string, inputs: readonly string[], given?: Given, output?: string): string;
  /** A constant; one of the same name is the same. */
  constant(name: string, shape: readonly number[], values: Float32Array | Float64Array | BigInt64Array): string;
  /** Whole numbers, for shapes and places. */
  integers(...values: number[]): string;
}

/** Whole numbers, lists of them, and floats. */
export type Given = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

export function openNodes(): Nodes {
  const nodes: Node[] = [];
  const initializers = new Map<string, Initializer>();
  const counts = new Map<string, number>();
  const constant: Nodes['constant'] = (name, dims, values) => {
    const dataType = values instanceof Float32Array ? types.float : values instanceof Float64Array ? types.double : types.int64;
    if (!initializers.has(name)) initializers.set(name, { name, dims, dataType, rawData: littleEndian(values) });
    return name;
  };
  return {
    nodes,
    get initializers() {
      return [...initializers.values()];
    },
    add(opType, input, given = {}, output) {
      const count = (counts.get(opType) ?? 0) + 1;
      counts.set(opType, count);
      const name = `${opType}${count}`;
      const attribute = Object.entries(given).map(([key, value]) => attributeOf(key, value));
      nodes.push({ opType, name, input, output: [output ?? name], attribute });
      return output ?? name;
    },
    constant,
    integers: (...values) => constant(`integers.${values.join('.')}`, [values.length], BigInt64Array.from(values, BigInt)),
  };
}

function attributeOf(name: string, value: Given[string]): Attribute {
  if (typeof value === 'number') return { name, type: attributes.int, i: value };
  if ('float' in value) return { name, type: attributes.float, f: value.float };
  return { name, type: attributes.ints, ints: value };
}

function littleEndian(values: Float32Array | Float64Array | BigInt64Array): Uint8Array {
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  for (let k = 0; k < values.length; k++) {
    if (values instanceof Float32Array) view.setFloat32(4 * k, values[k], true);
    else if (values instanceof Float64Array) view.setFloat64(8 * k, values[k], true);
    else view.setBigInt64(8 * k, values[k], true);
  }
  return bytes;
}
