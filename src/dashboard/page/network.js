/** The nodes and their edges on a canvas: coloured by what they are, and an edge lights up when the two have exchanged. */

import { css, fitted, ink } from './colours.js';
import { openLayout } from './layout.js';

/** Milliseconds that an exchange can be seen. */
const glow = 600;
const still = matchMedia('(prefers-reduced-motion: reduce)');

export function openNetwork(canvas) {
  let view;
  let layout;
  let bytes;
  let gone = new Set();
  let flashes = [];
  /** The edges as a picture: they are many, and stay. */
  let backdrop;
  let asked = false;
  let settling = false;

  function place(width, height) {
    const half = Math.max(width, height) / 2;
    const x = k => width / 2 + layout.at[2 * k] * (half - 8);
    const y = k => height / 2 + layout.at[2 * k + 1] * (half - 8);
    return { x, y };
  }

  function drawEdges(width, height) {
    backdrop = document.createElement('canvas');
    backdrop.width = canvas.width;
    backdrop.height = canvas.height;
    const context = backdrop.getContext('2d');
    context.scale(canvas.width / width, canvas.height / height);
    const { x, y } = place(width, height);
    context.strokeStyle = ink('edge');
    context.lineWidth = view.edges.length > 3000 ? 0.4 : 0.8;
    context.beginPath();
    for (let k = 0; k < view.edges.length; k += 2) {
      context.moveTo(x(view.edges[k]), y(view.edges[k]));
      context.lineTo(x(view.edges[k + 1]), y(view.edges[k + 1]));
    }
    context.stroke();
  }

  function draw(now) {
    asked = false;
    if (!view || canvas.clientWidth === 0) return;
    const { context, width, height } = fitted(canvas);
    if (settling) {
      settling = layout.settle(6);
      backdrop = undefined;
    }
    if (!backdrop || backdrop.width !== canvas.width) drawEdges(width, height);
    context.drawImage(backdrop, 0, 0, width, height);
    const { x, y } = place(width, height);
    flashes = flashes.filter(({ since }) => now - since < glow);
    context.strokeStyle = ink('c1');
    context.lineWidth = view.shown > 200 ? 1.2 : 2;
    for (const { since, pairs } of flashes) {
      context.globalAlpha = still.matches ? 0.8 : Math.max(0, 1 - (now - since) / glow);
      context.beginPath();
      for (let k = 0; k < pairs.length; k += 2) {
        context.moveTo(x(pairs[k]), y(pairs[k]));
        context.lineTo(x(pairs[k + 1]), y(pairs[k + 1]));
      }
      context.stroke();
    }
    context.globalAlpha = 1;
    const radius = Math.max(2, Math.min(9, (0.4 * Math.min(width, height)) / Math.sqrt(view.shown) / 2));
    drawNodes(context, x, y, radius);
    if (settling || (flashes.length > 0 && !still.matches)) ask();
  }

  /** Those of one colour in one go. */
  function drawNodes(context, x, y, radius) {
    const byColour = new Map();
    for (let k = 0; k < view.shown; k++) {
      const byte = bytes && !gone.has(k) ? bytes[k] : 255;
      const list = byColour.get(byte);
      if (list) list.push(k);
      else byColour.set(byte, [k]);
    }
    context.strokeStyle = ink('card');
    context.lineWidth = 1;
    for (const [byte, list] of byColour) {
      context.fillStyle = css[byte];
      context.beginPath();
      for (const k of list) {
        context.moveTo(x(k) + radius, y(k));
        context.arc(x(k), y(k), radius, 0, 2 * Math.PI);
      }
      context.fill();
      if (radius > 3) context.stroke();
    }
  }

  function ask() {
    if (!asked) requestAnimationFrame(draw);
    asked = true;
  }

  return {
    /** Another graph. */
    show(next) {
      view = next;
      bytes = undefined;
      flashes = [];
      gone = new Set();
      backdrop = undefined;
      layout = openLayout(view);
      settling = true;
      canvas.style.aspectRatio = String(layout.aspect ?? 1);
      ask();
    },
    /** Colours of the nodes, who has left, and exchanges: pairs of places. */
    colour(next, left = [], pairs = []) {
      bytes = next;
      gone = new Set(left);
      if (pairs.length > 0) {
        if (still.matches) flashes = [];
        flashes.push({ since: performance.now(), pairs });
      }
      ask();
    },
    /** The size or the theme has changed. */
    renew() {
      backdrop = undefined;
      ask();
    },
  };
}
