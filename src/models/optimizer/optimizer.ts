import type { Address, Kernels } from '../kernels/kernels.js';
import type { Batch, Session } from '../model.js';
export interface Optimizer {
  planes: readonly string[];
  rate: number;
}
export function namedOptimizer(text: string, _steps: number): Optimizer {
  return { planes: [], rate: Number(/rate=([^,]*)/.exec(text)![1]) };
}
export function takeStep(
  o: Optimizer,
  s: Session,
  _k: Kernels,
  w: Float32Array,
  g: Float32Array,
  _st: readonly Address[],
  b: Batch,
  _n: number,
): number {
  if (s.descend) return s.descend(w, b, o.rate);
  const l = s.gradient(w, g, b);
  for (let k = 0; k < w.length; k++) w[k] -= o.rate * g[k];
  return l;
}
