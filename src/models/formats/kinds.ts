/** The formats that a model is written in. */

export const exportFormats = ['safetensors', 'npz', 'onnx', 'tfjs'] as const;
/** What `TrainedModel.export` and `hearsay export` write. */
export type ExportFormat = (typeof exportFormats)[number];
