/**
 * Links by radio: users uniform in a disc, path loss, Rayleigh fading, interference.
 *
 *   SINR = P h d^-a / (N0 B + sum over interferers P h' d'^-a),   h, h' exponential with mean 1, drawn anew for each message
 *   delay = bits / (B log2(1 + SINR)) + d / c
 *
 * d is from sender to receiver, d' from an interferer to the receiver, in metres, at least 1. A message that takes longer than the
 * deadline is lost. Interferers are other users, drawn for each message, each of whom sends all the while. The loss at 1 m is taken as 1,
 * antennas have no gain. Standard model; the numbers of the defaults are ours.
 *
 * Without interferers P(SINR < s) = 1 - exp(-s N0 B d^a / P); each interferer at d' puts a factor 1 / (1 + s (d / d')^a) before the
 * exponential.
 */

import { exp } from '../exponential.js';
import { logarithm } from '../logarithm.js';
import { exponential, permuted, source, uniform, word } from '../random.js';
import { type Named, numeric, type Values } from '../settings.js';
import { sineOfTurns } from '../sine.js';
import type { Link, LinkSetting } from './link.js';

/** Metres a second. */
const light = 299_792_458;

const settings = {
  radius: numeric('radius of the disc in metres', { min: 1, max: 1e6 }, 500),
  exponent: numeric('exponent of the path loss', { min: 1, max: 8 }, 4),
  power: numeric('power of a sender in dBm', { min: -100, max: 100 }, 20),
  noise: numeric('density of the noise in dBm/Hz', { min: -250, max: 50 }, -174),
  band: numeric('width of the channel in Hz', { min: 1, max: 1e12 }, 1e7),
  interferers: numeric('others who send at the same time', { whole: true, min: 0, max: 64 }, 0),
  deadline: numeric('seconds after which a message is given up', { above: 0, max: 1e9 }, 10),
};

export const sinr: Named & { readonly settings: typeof settings } = {
  form: 'sinr',
  about: 'radio: users in a disc, path loss, Rayleigh fading, interference',
  settings,
};

/** dBm in milliwatts. */
const milliwatts = (decibels: number) => exp((decibels / 10) * Math.LN10);

export interface Radio extends Link {
  /** Metres between two users, at least 1. */
  distance(from: number, to: number): number;
  /** Of message number `k` of `from` to `to`. */
  sinr(from: number, to: number, k: number): number;
  /** The senders beside it. */
  interferers(from: number, to: number, k: number): number[];
}

export function openRadio(name: string, values: Values<typeof settings>, { seed, nodes }: LinkSetting): Radio {
  const { radius, exponent, band, deadline } = values;
  const power = milliwatts(values.power);
  const noise = milliwatts(values.noise) * band;
  const places = source(seed, 'radio places');
  const pairs = source(seed, 'radio pairs');
  const fades = source(seed, 'radio fading');
  const others = source(seed, 'radio interferers');
  const disturbed = source(seed, 'radio interference');

  function place(node: number): [x: number, y: number] {
    const far = radius * Math.sqrt(uniform(places, node, 0));
    const turn = uniform(places, node, 1);
    return [far * sineOfTurns(turn + 0.25), far * sineOfTurns(turn)];
  }

  function distance(from: number, to: number): number {
    const [x, y] = place(from);
    const [u, v] = place(to);
    return Math.max(1, Math.sqrt((x - u) ** 2 + (y - v) ** 2));
  }

  const received = (metres: number, fade: number) => power * fade * exp(-exponent * logarithm(metres));

  function interferers(from: number, to: number, k: number): number[] {
    const pair = word(pairs, from, to);
    const found: number[] = [];
    for (let at = 0; at < nodes && found.length < values.interferers; at++) {
      const node = permuted(others, pair, k, at, nodes);
      if (node !== from && node !== to) found.push(node);
    }
    return found;
  }

  function sinr(from: number, to: number, k: number): number {
    const pair = word(pairs, from, to);
    let disturbance = noise;
    for (const other of interferers(from, to, k))
      disturbance += received(distance(other, to), exponential(disturbed, word(disturbed, pair, other), k));
    return received(distance(from, to), exponential(fades, pair, k)) / disturbance;
  }

  return {
    ...{ name, ideal: false, distance, sinr, interferers },
    delay(from, to, k, bytes) {
      const rate = (band * logarithm(1 + sinr(from, to, k))) / Math.LN2;
      const seconds = (8 * bytes) / rate + distance(from, to) / light;
      return seconds <= deadline ? seconds : -1; // not of a rate of 0 either
    },
  };
}
