/** Numbers as people read them. */

const missing = '–';

export function count(value) {
  return isNumber(value) ? Math.round(value).toLocaleString('en-US') : missing;
}

export function percent(share, digits = 2) {
  return isNumber(share) ? `${(100 * share).toFixed(digits)} %` : missing;
}

/** Three significant digits. */
export function figure(value) {
  if (!isNumber(value)) return missing;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(2);
  return size >= 1000 ? count(value) : value.toPrecision(3);
}

/** 1,234 or 56.7k: short, for where there is little room. */
export function short(value) {
  if (!isNumber(value)) return missing;
  const size = Math.abs(value);
  if (size >= 1e9) return `${trim(value / 1e9)}G`;
  if (size >= 1e6) return `${trim(value / 1e6)}M`;
  if (size >= 1e4) return `${trim(value / 1e3)}k`;
  return size >= 100 || Number.isInteger(value) ? count(value) : figure(value);
}

const trim = value => String(Number(value.toPrecision(3)));

export function duration(seconds) {
  if (!isNumber(seconds)) return missing;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const padded = part => String(part).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${padded(Math.floor((whole % 3600) / 60))} min`;
}

export function bytes(value) {
  if (!isNumber(value)) return missing;
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}
