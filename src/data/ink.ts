/** Drawing with a round pen on a square of light values: 0 is paper, 1 is full ink. A reusable sheet; nothing is kept between drawings. */

export interface Ink {
  readonly side: number;
  /** side x side, row-major, 0..1. */
  readonly light: Float32Array;
  clear(): void;
  /**
   * Draws through the points x0, y0, x1, y1, ... (pixels; pixel (0, 0) has its centre there) with a pen whose radius runs from
   * `start` to `end` and edges `soft` pixels wide; `strength` is the light of full ink. Where lines meet the brighter one shows.
   */
  line(points: Float64Array, count: number, start: number, end: number, soft: number, strength: number): void;
}

export function ink(side: number): Ink {
  const light = new Float32Array(side * side);
  return {
    side,
    light,
    clear: () => void light.fill(0),
    line(points, count, start, end, soft, strength) {
      for (let k = 0; k + 1 < count; k++) {
        const radius = start + ((end - start) * k) / Math.max(count - 2, 1);
        segment(light, side, points[2 * k], points[2 * k + 1], points[2 * k + 2], points[2 * k + 3], radius, soft, strength);
      }
    },
  };
}

/** Light falls from `strength` at `radius - soft / 2` from the segment to nothing at `radius + soft / 2`. */
function segment(
  light: Float32Array,
  side: number,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  radius: number,
  soft: number,
  strength: number,
) {
  const reach = radius + soft / 2;
  const left = Math.max(0, Math.ceil(Math.min(ax, bx) - reach));
  const right = Math.min(side - 1, Math.floor(Math.max(ax, bx) + reach));
  const top = Math.max(0, Math.ceil(Math.min(ay, by) - reach));
  const bottom = Math.min(side - 1, Math.floor(Math.max(ay, by) + reach));
  const dx = bx - ax;
  const dy = by - ay;
  const inverse = 1 / Math.max(dx * dx + dy * dy, 1e-12);
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const px = x - ax;
      const py = y - ay;
      const along = Math.min(1, Math.max(0, (px * dx + py * dy) * inverse));
      const ex = px - along * dx;
      const ey = py - along * dy;
      const square = ex * ex + ey * ey;
      if (square >= reach * reach) continue;
      const value = Math.min(1, (reach - Math.sqrt(square)) / soft) * strength;
      const at = y * side + x;
      if (value > light[at]) light[at] = value;
    }
  }
}
