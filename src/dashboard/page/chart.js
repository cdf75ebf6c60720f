/** A chart of lines over time: a figure with a caption, a canvas that the arrow keys walk through, and the values where one stands. */

import { fitted, ink } from './colours.js';
import { duration, figure, isNumber } from './figures.js';

const margin = { left: 54, right: 10, top: 8, bottom: 22 };

/**
 * `lines`: name, read(history) -> values, dashed. `format` writes a value of the axis. With `log`, the axis is logarithmic where all values
 * are above 0.
 */
export function openChart(parent, { title, lines, format = figure, log = false, low, high }) {
  const figureElement = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const strong = document.createElement('strong');
  strong.textContent = title;
  caption.append(strong);
  for (const [k, { name, dashed }] of lines.entries()) {
    const key = document.createElement('span');
    key.className = `key k${k}${dashed ? ' dashed' : ''}`;
    key.textContent = name;
    caption.append(key);
  }
  const canvas = document.createElement('canvas');
  canvas.className = 'plot';
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'img');
  const readout = document.createElement('p');
  readout.className = 'readout';
  figureElement.append(caption, canvas, readout);
  parent.append(figureElement);
  let history;
  let axis = 'seconds';
  let at = -1;

  function values() {
    return lines.map(({ read }) => read(history));
  }

  function draw() {
    if (!history || history.length === 0 || canvas.clientWidth === 0) return;
    const times = history.all(axis);
    const all = values();
    const known = all.flat().filter(isNumber);
    figureElement.hidden = known.length === 0;
    if (known.length === 0) return;
    const { context, width, height } = fitted(canvas);
    const isLog = log && known.every(value => value > 0);
    const curve = isLog ? Math.log10 : value => value;
    const [bottom, top] = range(known, curve, isLog, low, high);
    const last = times.at(-1) || 1;
    const x = time => margin.left + (time / last) * (width - margin.left - margin.right);
    const y = value =>
      height - margin.bottom - ((curve(value) - bottom) / (top - bottom)) * (height - margin.top - margin.bottom);
    context.font = '11px system-ui, sans-serif';
    context.lineWidth = 1;
    context.fillStyle = ink('faint');
    context.strokeStyle = ink('grid');
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (const tick of isLog ? decades(bottom, top) : ticks(bottom, top, 4)) {
      const level = Math.round(y(tick)) + 0.5;
      line(context, margin.left, level, width - margin.right, level);
      context.fillText(format(tick), margin.left - 6, level);
    }
    context.textBaseline = 'top';
    for (const tick of ticks(0, last, 3)) {
      context.textAlign = x(tick) > width - 40 ? 'right' : 'center';
      context.fillText(duration(tick), x(tick), height - margin.bottom + 7);
    }
    all.forEach((series, k) => {
      context.strokeStyle = ink(`c${k}`);
      context.lineWidth = 1.8;
      context.setLineDash(lines[k].dashed ? [5, 3] : []);
      context.beginPath();
      let open = false;
      for (let i = 0; i < series.length; i++) {
        if (!isNumber(series[i])) continue;
        if (open) context.lineTo(x(times[i]), y(series[i]));
        else context.moveTo(x(times[i]), y(series[i]));
        open = true;
      }
      context.stroke();
      context.setLineDash([]);
      const end = series.findLastIndex(isNumber);
      if (end >= 0) dot(context, x(times[end]), y(series[end]), 2.5, ink(`c${k}`));
    });
    if (at >= 0 && at < times.length) {
      const where = Math.round(x(times[at])) + 0.5;
      context.strokeStyle = ink('faint');
      context.lineWidth = 1;
      line(context, where, margin.top, where, height - margin.bottom);
      all.forEach((series, k) => {
        if (isNumber(series[at])) dot(context, x(times[at]), y(series[at]), 3.5, ink(`c${k}`));
      });
    }
    say(times, all);
  }

  function say(times, all) {
    const k = at >= 0 && at < times.length ? at : times.length - 1;
    const parts = lines.flatMap(({ name }, one) => (isNumber(all[one][k]) ? [`${name} ${format(all[one][k])}`] : []));
    const text = `${at >= 0 ? `at ${duration(times[k])}: ` : ''}${parts.join(', ')}`;
    if (readout.textContent !== text) readout.textContent = text;
    canvas.setAttribute('aria-label', `${title}: ${parts.join(', ')} at ${duration(times[k])}. Arrow keys walk through.`);
  }

  function move(to) {
    at = to;
    readout.setAttribute('aria-live', to >= 0 ? 'polite' : 'off');
    draw();
  }

  canvas.addEventListener('pointermove', ({ offsetX }) => {
    if (!history || history.length === 0) return;
    const times = history.all(axis);
    const time = ((offsetX - margin.left) / (canvas.clientWidth - margin.left - margin.right)) * times.at(-1);
    let nearest = 0;
    for (let k = 1; k < times.length; k++) if (Math.abs(times[k] - time) < Math.abs(times[nearest] - time)) nearest = k;
    move(nearest);
  });
  canvas.addEventListener('pointerleave', () => move(-1));
  canvas.addEventListener('blur', () => move(-1));
  canvas.addEventListener('keydown', event => {
    const last = history ? history.length - 1 : -1;
    const here = at < 0 ? last : at;
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last, Escape: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(event.key === 'Escape' ? -1 : Math.max(0, Math.min(last, to)));
  });

  return {
    canvas,
    /** The samples, and the column that is the time. */
    show(next, column) {
      history = next;
      axis = column;
      figureElement.hidden = false;
      draw();
    },
  };
}

function range(values, curve, isLog, low, high) {
  let [bottom, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    bottom = Math.min(bottom, curve(value));
    top = Math.max(top, curve(value));
  }
  if (!isLog) {
    bottom = low ?? bottom;
    top = high === undefined ? top : Math.max(top, high);
  }
  const pad = top > bottom ? 0.06 * (top - bottom) : Math.abs(top) * 0.1 || 1;
  return [low !== undefined && !isLog ? bottom : bottom - pad, high !== undefined && !isLog ? top : top + pad];
}

/** About `wanted` round numbers from `low` to `high`. */
export function ticks(low, high, wanted) {
  const rough = (high - low) / wanted;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find(factor => factor * power >= rough) * power;
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step + 0); // no -0
  return found;
}

function decades(low, high) {
  const found = [];
  const steps = high - low > 3 ? [1] : high - low > 0.9 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const step of steps) {
      const level = Math.log10(step) + power;
      if (level >= low && level <= high) found.push(step * 10 ** power);
    }
  }
  return found;
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
}

function dot(context, x, y, radius, colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}
