/** Files of a saved model of TensorFlow.js, as `model.save('file://...')` of tfjs-node writes them. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';

/** What stands in model.json, as far as tests change it. */
export interface ModelJson {
  format?: unknown;
  modelTopology: Record<string, unknown>;
  weightsManifest: { paths: string[]; weights: { name: string; shape: unknown; dtype: string; quantization?: unknown }[] }[];
}

/** Writes the model into the folder, its weights in shards of at most `shard` bytes. Returns the path of its model.json. */
export async function saveModel(
  model: tf.LayersModel,
  folder: string,
  shard = 1 << 22,
  change: (json: ModelJson) => void = () => {},
): Promise<string> {
  const path = join(folder, 'model.json');
  await model.save(
    tf.io.withSaveHandler(async ({ modelTopology, weightSpecs, weightData }) => {
      const bytes = Buffer.from(weightData as ArrayBuffer);
      const paths = Array.from({ length: Math.ceil(bytes.length / shard) }, (_, k) => `group1-shard${k + 1}.bin`);
      for (const [k, name] of paths.entries()) writeFileSync(join(folder, name), bytes.subarray(k * shard, (k + 1) * shard));
      const weightsManifest = [{ paths, weights: weightSpecs }];
      const json = { format: 'layers-model', modelTopology, weightsManifest } as unknown as ModelJson;
      change(json);
      writeFileSync(path, JSON.stringify(json));
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } };
    }),
  );
  return path;
}
