/** Colours: those of the theme, and a scale for nodes that is even to the eye and to colour-blind eyes (viridis; van der Walt and Smith 2015). */

const stops = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [53, 183, 121],
  [110, 206, 88],
  [181, 222, 43],
  [253, 231, 37],
];

/** Red, green and blue of 0..254; 255 is grey: nothing is known. */
export const scale = Array.from({ length: 256 }, (_, k) => {
  if (k === 255) return [128, 128, 128];
  const at = (k / 254) * (stops.length - 1);
  const low = Math.min(stops.length - 2, Math.floor(at));
  return [0, 1, 2].map(part => Math.round(stops[low][part] + (at - low) * (stops[low + 1][part] - stops[low][part])));
});

export const css = scale.map(([red, green, blue]) => `rgb(${red} ${green} ${blue})`);

let theme;

/** The variables of the style sheet by name; read once, and again when the theme changes. */
export function ink(name) {
  theme ??= getComputedStyle(document.documentElement);
  const found = kept.get(name) ?? theme.getPropertyValue(`--${name}`).trim();
  kept.set(name, found);
  return found;
}

const kept = new Map();

/** Calls back when light turns to dark. */
export function onTheme(change) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    theme = undefined;
    kept.clear();
    change();
  });
}

/** A canvas in the pixels of the screen: its context, and its size in points. */
export function fitted(canvas) {
  const ratio = Math.min(2, devicePixelRatio || 1);
  const { clientWidth: width, clientHeight: height } = canvas;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
