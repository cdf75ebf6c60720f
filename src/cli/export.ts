/** `hearsay export`: a saved model for other software. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import { choice, type Option, optionalPath, toggle } from '../engine/option.js';
import { type ExportFormat, exportFormats } from '../models/formats/kinds.js';
import { bytes } from './figures.js';
import { dataOptions, type ModelSettings, modelOptions, openingOf } from './models.js';
import type { Surroundings } from './program.js';
import { writing } from './writing.js';

const { data, test, target, standardize, seed } = dataOptions;

export const exportOptions = {
  format: choice({ about: 'of what software; tfjs is a folder', words: exportFormats }),
  out: optionalPath({
    about: 'where to; what is there is replaced',
    range: 'a FILE, of tfjs a FOLDER',
    fallback:
      "beside the model's file: model.onnx, model.pytorch.safetensors, model.keras.npz, model.tfjs; of a node model-node3.onnx",
  }),
  layout: choice({
    about:
      'names and shapes of the tensors in safetensors and npz; auto: of PyTorch, and as they lie here where layers are not known',
    words: ['auto', 'pytorch', 'keras', 'hearsay'],
  }),
  inputs: choice({
    about:
      'what onnx and tfjs take: numbers in the unit of the training data (a pixel is byte / 255), or the bytes that stand for them',
    words: ['numbers', 'bytes'],
  }),
  ...modelOptions,
  ...{ data: { ...data, about: 'data as those that it was trained on, for a file that does not say', fallback: 'none' } },
  ...{ test, target, standardize, seed },
  json: toggle({ about: 'one JSON object on stdout, for programs' }),
} satisfies Record<string, Option>;

export interface ExportSettings extends Omit<ModelSettings, 'part'> {
  readonly format: ExportFormat;
  readonly out: string | null;
  readonly layout: 'auto' | 'pytorch' | 'keras' | 'hearsay';
  readonly inputs: 'numbers' | 'bytes';
  readonly json: boolean;
}

/** Throws HearsayError. */
export async function exportCommand(settings: ExportSettings, around: Surroundings): Promise<number> {
  const { path, format, inputs, json } = settings;
  const models = await around.loadModels();
  const { model, file } = await models.openAlone(path, openingOf({ ...settings, part: 'train' }));
  const layout = settings.layout === 'auto' ? undefined : settings.layout;
  const out = settings.out ?? beside(path, file, settings.node, format, layout ?? model.layout);
  const files = await writing(around, () => model.export(out, { format, layout, inputs }));
  const size = files.reduce((sum, name) => sum + statSync(name).size, 0);
  if (json) around.stdout.write(`${JSON.stringify({ model: model.spec, file, format, files, bytes: size })}\n`);
  else around.stdout.write(`${model.spec} as ${format}, ${bytes(size)}: ${files.join(', ')}\n`);
  return 0;
}

function beside(path: string, file: string, node: number | null, format: ExportFormat, layout: string): string {
  const whole = statSync(path).isDirectory() ? join(path, 'model') : file.replace(/\.(safetensors|npz)$/i, '');
  const start = node === null ? whole : `${whole}-node${node}`;
  return format === 'onnx' || format === 'tfjs' ? `${start}.${format}` : `${start}.${layout}.${format}`;
}
