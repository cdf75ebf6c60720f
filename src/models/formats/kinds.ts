/** The formats that a model is written in. */

export const exportFormats = ['safetensors', 'npz', 'onnx', 'tfjs'] as const;
export type ExportFormat = (typeof exportFormats)[number];
