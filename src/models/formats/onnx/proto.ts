/**
 * The messages of ONNX that a model is written in (github.com/onnx/onnx, onnx.proto3), and their bytes. The encoder is loaded with the
 * first model that is written: nothing else pays for it.
 */

import { HearsayError } from '../../../errors.js';

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly i?: number;
  readonly f?: number;
  readonly ints?: readonly number[];
}

export interface Node {
  readonly opType: string;
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly Attribute[];
}

export interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  /** Little-endian. */
  readonly rawData: Uint8Array;
}

/** An input or an output; a side that is a word may be any number. */
export interface Value {
  readonly name: string;
  readonly elemType: number;
  readonly shape: readonly (number | string)[];
}

export interface OnnxModel {
  readonly producer: string;
  readonly version: string;
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

/** TensorProto.DataType */
export const types = { float: 1, uint8: 2, int64: 7, double: 11 } as const;
/** AttributeProto.AttributeType */
export const attributes = { float: 1, int: 2, ints: 7 } as const;

const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: 'repeated' });

const schema = {
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        producerVersion: field(3, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: list(8, 'OperatorSetIdProto'),
        metadataProps: list(14, 'StringStringEntryProto'),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
    GraphProto: {
      fields: {
        node: list(1, 'NodeProto'),
        name: field(2, 'string'),
        initializer: list(5, 'TensorProto'),
        input: list(11, 'ValueInfoProto'),
        output: list(12, 'ValueInfoProto'),
      },
    },
    NodeProto: {
      fields: {
        input: list(1, 'string'),
        output: list(2, 'string'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: list(5, 'AttributeProto'),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        ints: list(8, 'int64'),
        type: field(20, 'int32'),
      },
    },
    TensorProto: {
      fields: {
        dims: list(1, 'int64'),
        dataType: field(2, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
      },
    },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TypeTensor') } },
    TypeTensor: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TensorShapeProto: { fields: { dim: list(1, 'Dimension') } },
    Dimension: {
      oneofs: { value: { oneof: ['dimValue', 'dimParam'] } },
      fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') },
    },
  },
};

/** Protocol buffers end at 2 GiB. */
const largest = 2 ** 31 - 2 ** 20;

/** Throws DATA_TOO_LARGE for a model of 2 GiB or more. */
export async function onnxBytes(model: OnnxModel): Promise<Uint8Array> {
  const size = model.initializers.reduce((sum, { rawData }) => sum + rawData.length, 0);
  if (size > largest) {
    const found = `${size} bytes of parameters, allowed are ${largest}`;
    throw new HearsayError('DATA_TOO_LARGE', `onnx: found ${found}, as a file of it ends at 2 GiB; export as safetensors`);
  }
  const { default: protobuf } = await import('protobufjs/light.js');
  const type = protobuf.Root.fromJSON(schema).lookupType('ModelProto');
  const { producer, version, opset, metadata, nodes, initializers, inputs, outputs } = model;
  const message = {
    irVersion: 8,
    producerName: producer,
    producerVersion: version,
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: { node: nodes, name: producer, initializer: initializers, input: inputs.map(info), output: outputs.map(info) },
  };
  return type.encode(message).finish();
}

function info({ name, elemType, shape }: Value) {
  const dim = shape.map(side => (typeof side === 'string' ? { dimParam: side } : { dimValue: side }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}
