/** The messages of TensorBoard that scalars and histograms are written in (tensorboard/compat/proto: event.proto, summary.proto). */

export interface Scalar {
  readonly tag: string;
  readonly simpleValue: number;
}

/** Counts of values between limits: `bucketLimit` has the upper ends, ascending. */
export interface Histogram {
  readonly tag: string;
  readonly histo: {
    readonly min: number;
    readonly max: number;
    readonly num: number;
    readonly sum: number;
    readonly sumSquares: number;
    readonly bucketLimit: readonly number[];
    readonly bucket: readonly number[];
  };
}

export interface Event {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  /** Of the first one of a file: brain.Event:2. */
  readonly fileVersion?: string;
  readonly summary?: { readonly value: readonly (Scalar | Histogram)[] };
}

const field = (id: number, type: string) => ({ id, type });

const schema = {
  nested: {
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary'] } },
      fields: {
        wallTime: field(1, 'double'),
        step: field(2, 'int64'),
        fileVersion: field(3, 'string'),
        summary: field(5, 'Summary'),
      },
    },
    Summary: { fields: { value: { id: 1, type: 'Value', rule: 'repeated' } } },
    Value: {
      oneofs: { value: { oneof: ['simpleValue', 'histo'] } },
      fields: { tag: field(1, 'string'), simpleValue: field(2, 'float'), histo: field(5, 'HistogramProto') },
    },
    HistogramProto: {
      fields: {
        min: field(1, 'double'),
        max: field(2, 'double'),
        num: field(3, 'double'),
        sum: field(4, 'double'),
        sumSquares: field(5, 'double'),
        bucketLimit: { id: 6, type: 'double', rule: 'repeated', options: { packed: true } },
        bucket: { id: 7, type: 'double', rule: 'repeated', options: { packed: true } },
      },
    },
  },
};

/** What makes bytes of an event; the encoder is loaded only where it is needed. */
export async function eventEncoder(): Promise<(event: Event) => Uint8Array> {
  const { default: protobuf } = await import('protobufjs/light.js');
  const type = protobuf.Root.fromJSON(schema).lookupType('Event');
  return event => type.encode(event).finish();
}
