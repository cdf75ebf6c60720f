/** Complex numbers, as few operations as the delay theory needs. */

export interface Complex {
  readonly re: number;
  readonly im: number;
}

export function complex(re: number, im = 0): Complex {
  return { re, im };
}

export function add(a: Complex, b: Complex): Complex {
  return { re: a.re + b.re, im: a.im + b.im };
}

export function subtract(a: Complex, b: Complex): Complex {
  return { re: a.re - b.re, im: a.im - b.im };
}

export function multiply(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

export function scale(a: Complex, factor: number): Complex {
  return { re: a.re * factor, im: a.im * factor };
}

/** By Smith's way (1962), which overflows only where the quotient does. */
export function divide(a: Complex, b: Complex): Complex {
  if (Math.abs(b.re) >= Math.abs(b.im)) {
    const ratio = b.im / b.re;
    const below = b.re + b.im * ratio;
    return { re: (a.re + a.im * ratio) / below, im: (a.im - a.re * ratio) / below };
  }
  const ratio = b.re / b.im;
  const below = b.re * ratio + b.im;
  return { re: (a.re * ratio + a.im) / below, im: (a.im * ratio - a.re) / below };
}

export function size(a: Complex): number {
  return Math.hypot(a.re, a.im);
}

/** In (-pi, pi]. */
export function angle(a: Complex): number {
  return Math.atan2(a.im, a.re);
}

export function exp(a: Complex): Complex {
  const length = Math.exp(a.re);
  return { re: length * Math.cos(a.im), im: a.im === 0 ? 0 : length * Math.sin(a.im) };
}

/** The principal value. */
export function log(a: Complex): Complex {
  return { re: Math.log(size(a)), im: angle(a) };
}

/** The principal value: the real part is at least 0. */
export function sqrt(a: Complex): Complex {
  const length = Math.sqrt(size(a));
  if (length === 0) return complex(0);
  // the larger part first: the other follows without cancellation
  const larger = Math.sqrt((size(a) + Math.abs(a.re)) / 2);
  const smaller = a.im / (2 * larger);
  return a.re >= 0 ? complex(larger, smaller) : complex(Math.abs(smaller), a.im < 0 ? -larger : larger);
}
