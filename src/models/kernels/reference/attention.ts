import type { AttentionKernels } from '../contract/attention.js';
import type { Memory } from '../memory.js';

/** Attention and embeddings in f64. */
export function attentionKernels(memory: Memory): AttentionKernels {
  const floats = new Float32Array(memory.buffer);

  const dot = (a: number, b: number, n: number) => {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += floats[a + k] * floats[b + k];
    return sum;
  };
  const addTo = (to: number, factor: number, from: number, n: number) => {
    for (let k = 0; k < n; k++) floats[to + k] += factor * floats[from + k];
  };

  /** Calls `visit` for each row and head with where they begin. */
  function each(
    rows: number,
    tokens: number,
    heads: number,
    width: number,
    visit: (query: number, out: number, share: number) => void,
  ): void {
    for (let row = 0; row < rows; row++)
      for (let head = 0; head < heads; head++) {
        const column = (head * width) / heads;
        visit(row * tokens * 3 * width + column, row * tokens * width + column, (row * heads + head) * tokens * tokens);
      }
  }

  return {
    attend(y, shares, x, rows, tokens, heads, width) {
      const [out, kept, from] = [y, shares, x].map(address => address >>> 2);
      const d = width / heads;
      each(rows, tokens, heads, width, (query, column, first) => {
        for (let t = 0; t < tokens; t++) {
          const share = kept + first + t * tokens;
          const scores = Array.from({ length: t + 1 }, (_, s) => {
            return dot(from + query + 3 * t * width, from + query + 3 * s * width + width, d) / Math.sqrt(d);
          });
          const high = Math.max(...scores);
          const sum = scores.reduce((total, score) => total + Math.exp(score - high), 0);
          for (let s = 0; s < tokens; s++) floats[share + s] = s > t ? 0 : Math.exp(scores[s] - high) / sum;
          const to = out + column + t * width;
          for (let k = 0; k < d; k++) {
            let mixed = 0;
            for (let s = 0; s <= t; s++) mixed += floats[share + s] * floats[from + query + 3 * s * width + 2 * width + k];
            floats[to + k] = mixed;
          }
        }
      });
    },

    attendBack(dx, dy, x, shares, rows, tokens, heads, width) {
      const [out, top, from, kept] = [dx, dy, x, shares].map(address => address >>> 2);
      const slopes = new Float32Array(tokens);
      const d = width / heads;
      floats.fill(0, out, out + rows * tokens * 3 * width);
      each(rows, tokens, heads, width, (query, column, first) => {
        for (let t = 0; t < tokens; t++) {
          const share = kept + first + t * tokens;
          const above = top + column + t * width;
          const q = query + 3 * t * width;
          let mean = 0;
          for (let s = 0; s <= t; s++) {
            slopes[s] = dot(above, from + query + 3 * s * width + 2 * width, d);
            mean += floats[share + s] * slopes[s];
          }
          for (let s = 0; s <= t; s++) {
            const slope = (floats[share + s] * (slopes[s] - mean)) / Math.sqrt(d);
            const key = query + 3 * s * width + width;
            addTo(out + q, slope, from + key, d);
            addTo(out + key, slope, from + q, d);
            addTo(out + key + width, floats[share + s], above, d);
          }
        }
      });
    },

    embed(y, x, table, places, rows, tokens, stride, width) {
      const [out, from, words, where] = [y, x, table, places].map(address => address >>> 2);
      for (let row = 0; row < rows; row++)
        for (let t = 0; t < tokens; t++)
          for (let k = 0; k < width; k++)
            floats[out + (row * tokens + t) * width + k] =
              floats[words + floats[from + row * stride + t] * width + k] + floats[where + t * width + k];
    },

    embedAccumulate(table, places, dy, x, rows, tokens, stride, width) {
      const [words, where, top, from] = [table, places, dy, x].map(address => address >>> 2);
      for (let row = 0; row < rows; row++)
        for (let t = 0; t < tokens; t++) {
          addTo(words + floats[from + row * stride + t] * width, 1, top + (row * tokens + t) * width, width);
          addTo(where + t * width, 1, top + (row * tokens + t) * width, width);
        }
    },
  };
}
