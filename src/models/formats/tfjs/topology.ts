/** A functional Keras model as it grows: layers, what they are applied to, and their weights. */

export interface Topology {
  /** Applies a new layer. Returns what it gives. */
  add(kind: string, name: string, config: Config, inputs: readonly Applied[], weights?: Weights): Applied;
  /** Applies a layer once more. */
  again(layer: string, input: Applied): Applied;
  /** The input of the model, without the axis of the rows. */
  input(shape: readonly number[]): Applied;
  /** What `model_config` says of the model that ends with `output`. */
  config(output: Applied): object;
  /** In the order of the layers: names as Keras gives them. */
  readonly weights: readonly NamedWeight[];
}

/** The output of a layer where it was applied for the time number `node`. */
export interface Applied {
  readonly layer: string;
  readonly node: number;
}

export type Config = Readonly<Record<string, unknown>>;
export type Weights = Readonly<Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }>>;

export interface NamedWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface Entry {
  readonly class_name: string;
  readonly name: string;
  readonly config: Config;
  readonly inbound_nodes: unknown[][];
}

export function openTopology(name: string): Topology {
  const layers = new Map<string, Entry>();
  const counts = new Map<string, number>();
  const weights: NamedWeight[] = [];

  /** Keras knows a layer by its name. */
  function unique(wanted: string): string {
    const plain = wanted.replaceAll(/[^A-Za-z0-9_]/g, '_');
    const count = (counts.get(plain) ?? 0) + 1;
    counts.set(plain, count);
    return count === 1 ? plain : unique(`${plain}_${count}`);
  }

  const from = ({ layer, node }: Applied) => [layer, node, 0, {}];
  return {
    weights,
    input(shape) {
      const layer = unique('input');
      const config = { name: layer, batch_input_shape: [null, ...shape], dtype: 'float32', sparse: false };
      layers.set(layer, { class_name: 'InputLayer', name: layer, config, inbound_nodes: [] });
      return { layer, node: 0 };
    },
    add(kind, wanted, config, inputs, held = {}) {
      const layer = unique(wanted);
      const whole = { name: layer, trainable: true, dtype: 'float32', ...config };
      layers.set(layer, { class_name: kind, name: layer, config: whole, inbound_nodes: [inputs.map(from)] });
      for (const [key, { shape, values }] of Object.entries(held)) weights.push({ name: `${layer}/${key}`, shape, values });
      return { layer, node: 0 };
    },
    again(layer, input) {
      const { inbound_nodes } = layers.get(layer)!;
      inbound_nodes.push([from(input)]);
      return { layer, node: inbound_nodes.length - 1 };
    },
    config: output => ({
      class_name: 'Model',
      config: {
        name,
        layers: [...layers.values()],
        input_layers: [['input', 0, 0]],
        output_layers: [[output.layer, output.node, 0]],
      },
    }),
  };
}
