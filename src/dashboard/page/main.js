/** The page: takes what the run says, and puts each thing in its place. Drawing waits for the next frame, one picture a frame. */

import { drawBars } from './bars.js';
import { drawCells } from './cells.js';
import { openChart } from './chart.js';
import { css, onTheme } from './colours.js';
import { openControl } from './control.js';
import { bytes, count, duration, figure, isNumber, percent, short } from './figures.js';
import { openHistory } from './history.js';
import { openNetwork } from './network.js';
import { listen, numbers } from './stream.js';
import { fillPairs, fillRows, sampleTable, write } from './tables.js';

const element = id => document.getElementById(id);
const token = takeToken();
const control = openControl(token, text => notice(text));
const network = openNetwork(element('network'));
const end = new AbortController();

const charts = [
  {
    title: 'Loss',
    lines: [
      { name: 'mean', read: history => history.all('loss') },
      { name: 'worst node', read: history => history.all('worstLoss') },
      { name: 'training', read: history => history.all('trainLoss'), dashed: true },
    ],
    log: true,
  },
  {
    title: 'Accuracy',
    lines: [
      { name: 'mean', read: history => history.all('accuracy') },
      { name: 'worst node', read: history => history.all('worstAccuracy') },
    ],
    format: share => percent(share, 1),
    high: 1,
  },
  { title: 'Consensus distance', lines: [{ name: 'mean square', read: history => history.all('consensus') }], log: true },
  {
    title: 'Speed',
    lines: [
      { name: 'steps/s', read: history => history.rate('steps', 'seconds') },
      { name: 'exchanges/s', read: history => history.rate('exchanges', 'seconds'), dashed: true },
    ],
    format: short,
    low: 0,
  },
].map(chart => openChart(element('charts'), chart));

let run;
let history;
let frame;
let before;
let rates = [];
let done;
let state = 'waiting';

const handlers = {
  waiting() {},
  full: () => notice('too many pages watch this run already'),
  run(told) {
    run = told;
    history = openHistory(told.columns);
    history.add(told.rows);
    frame = before = done = undefined;
    rates = [];
    notice('');
    setState(told.live ? 'starting' : 'over');
    showRun();
    showSamples();
  },
  more({ rows }) {
    history?.add(rows);
    showSamples();
  },
  frame(next) {
    before = frame;
    frame = next;
    // An evaluation that is over before the next look is not worth a word.
    const isShort = next.state === 'evaluating' && before?.state !== 'evaluating';
    if (!done) setState(isShort ? 'training' : next.state);
    showFrame();
  },
  done(next) {
    done = next;
    setState('done');
    showSamples();
    showThreads();
    announce(`The run has ended: ${done.stopReason}.`);
  },
  failed({ code, text }) {
    setState('failed');
    notice(`${code}: ${text}`);
  },
  // The server of a run goes with it; the page keeps what it has.
  isOver: () => run?.live === true && (state === 'done' || state === 'failed'),
};

listen('/events', token, handlers, showConnection, end.signal);

/** The token stands behind the #: no browser sends that, and here it is taken out of sight. */
function takeToken() {
  const found = /^#([\w-]{16,128})$/.exec(location.hash)?.[1];
  try {
    if (found) sessionStorage.setItem('token', found);
    if (found) window.history.replaceState(null, '', location.pathname);
    return found ?? sessionStorage.getItem('token') ?? '';
  } catch {
    return found ?? '';
  }
}

function showConnection(isUp, status) {
  if (isUp) {
    if (state === 'lost') setState(done ? 'done' : (frame?.state ?? 'starting'));
    notice('');
  } else if (status === 401) notice('This page needs the token: open the address that was printed.');
  else if (state !== 'done' && state !== 'failed') {
    setState('lost');
    announce('The connection is lost; trying again.');
  }
}

const words = {
  waiting: 'waiting',
  starting: 'starting',
  training: 'training',
  evaluating: 'evaluating',
  paused: 'paused',
  over: 'ended',
  done: 'ended',
  failed: 'failed',
  lost: 'connection lost',
};

function setState(next) {
  const was = state;
  state = next;
  const badge = element('state');
  badge.dataset.state = next;
  const text = run && !run.live ? 'a run that was kept' : next === 'done' && done ? `ended: ${done.stopReason}` : words[next];
  write(badge, text);
  control.show(next, run?.live === true);
  if (was !== next && (next === 'paused' || was === 'paused')) announce(words[next]);
}

function notice(text) {
  const place = element('notice');
  place.hidden = text === '';
  write(place, text);
}

let announced = 0;

/** For those who hear the page: news at once, figures no more often than four times a minute. */
function announce(text) {
  announced = performance.now();
  write(element('news'), text);
}

function announceFigures() {
  if (performance.now() - announced < 15_000 || !history || history.length === 0) return;
  const accuracy = history.value('accuracy');
  const said = accuracy === null ? '' : `, accuracy ${percent(accuracy, 1)}`;
  announce(`${count(history.value('steps'))} steps, loss ${figure(history.value('loss'))}${said}.`);
}

function showRun() {
  const { start, view, note, nodes } = run;
  const { data, model, graph, experiment, threads, kernels } = start;
  write(
    element('what'),
    [
      `${data.name}: ${count(data.train)} + ${count(data.test)} rows`,
      `${model.name}: ${count(model.parameters)} parameters`,
      `${count(graph.nodes)} nodes on ${count(threads)} ${threads === 1 ? 'thread' : 'threads'}, ${graph.name}`,
      String(experiment.algorithm),
    ].join(' · '),
  );
  document.title = `${experiment.algorithm} on ${graph.name} – Hearsay`;
  const settings = Object.entries(experiment).filter(([, value]) => value !== null);
  fillPairs(element('settings'), [
    ...settings.map(([name, value]) => [name, setting(value)]),
    ['kernels in use', String(kernels.set)],
    ['shared memory', bytes(start.memoryBytes)],
    ['versions', `hearsay ${start.versions.hearsay}, node ${start.versions.node}`],
  ]);
  const canvas = element('network');
  canvas.hidden = !view;
  element('colouring').hidden = !view || !run.live;
  element('legend').hidden = true;
  element('worst').hidden = true;
  element('cells').hidden = true;
  write(element('nodes-note'), viewNote(view, note, nodes));
  if (view) {
    const shown = { ...view, edges: numbers(view.edges, Uint16Array) };
    canvas.setAttribute('aria-label', `Topology ${graph.name}: ${count(graph.nodes)} nodes, ${count(graph.edges)} edges`);
    network.show(shown);
  }
  write(element('staleness-note'), run.live ? 'No commit yet.' : '');
  element('staleness').hidden = !run.live;
}

/** As people would write it. */
function setting(value) {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(setting).join('; ');
  if (typeof value !== 'object' || value === null) return String(value);
  if ('unit' in value) return `${value.value} ${value.unit}`;
  return Object.entries(value)
    .map(([name, part]) => `${name}=${setting(part)}`)
    .join(',');
}

function viewNote(view, note, nodes) {
  if (!view) return note ?? '';
  const parts = [];
  if (view.shown < view.nodes) {
    const which = view.edges === '' ? 'evenly spread' : 'those nearest to node 0';
    parts.push(`A sample: ${count(view.shown)} of ${count(view.nodes)} nodes (${which}).`);
  }
  if (view.hidden > 0 && view.edges === '') parts.push('All are neighbours: only edges in use are drawn.');
  else if (view.hidden > 0) parts.push(`${count(view.hidden)} edges between them are not drawn.`);
  if (run.live)
    parts.push('An edge lights up when its two nodes have exchanged: the last exchange of each node between two looks.');
  if (nodes > view.nodes) parts.push(`Room for ${count(nodes)} nodes; newcomers are not drawn.`);
  return parts.join(' ');
}

const timeColumn = () => (history.value('time') === null ? 'seconds' : 'time');

function showSamples() {
  if (!history || history.length === 0) return showTiles();
  later('tiles', showTiles);
  showCharts();
  if (element('samples').open) later('samples', showSampleTable);
  announceFigures();
}

function showCharts() {
  for (const [k, chart] of charts.entries()) later(`chart ${k}`, () => chart.show(history, timeColumn()));
}

function showSampleTable() {
  const names = ['seconds', 'steps', 'loss', 'accuracy', 'worstAccuracy', 'consensus', 'stalenessMean'];
  const from = Math.max(0, history.length - 200);
  const rows = [];
  for (let k = history.length - 1; k >= from; k--)
    rows.push(names.map(name => (name === 'steps' ? count : figure)(history.value(name, k))));
  element('samples').lastElementChild.replaceChildren(sampleTable(names, rows));
}

element('samples').addEventListener('toggle', () => history && showSampleTable());

function showTiles() {
  if (!history) return;
  const last = name => history.value(name);
  const live = frame && !done ? frame : undefined;
  const accuracy = last('accuracy');
  const worst = last('worstAccuracy');
  const [steps, exchanges] = [live?.steps ?? last('steps'), live?.exchanges ?? last('exchanges')];
  const speeds = rates.reduce((sum, [a, b]) => [sum[0] + a, sum[1] + b], [0, 0]);
  const seconds = done?.seconds ?? live?.seconds ?? last('seconds');
  const time = live?.time ?? last('time');
  const blocked = blockedShare();
  const rate = k => (live && rates.length > 0 ? `${short(speeds[k])} a second` : perSecond(k === 0 ? 'steps' : 'exchanges'));
  fillPairs(
    element('tiles'),
    [
      accuracy !== null && ['Accuracy', percent(accuracy), 'mean model'],
      worst !== null && ['Worst node', percent(worst), `spread ${percent(accuracy - worst)}`],
      ['Loss', figure(last('loss')), `worst node ${figure(last('worstLoss'))}`],
      ['Consensus', figure(last('consensus')), 'mean squared distance'],
      ['Steps', short(steps), rate(0)],
      ['Exchanges', short(exchanges), rate(1)],
      ['Moved', bytes(last('bytes')), 'between nodes'],
      ['Staleness', figure(last('stalenessMean')), `99 % at most ${figure(last('stalenessP99'))}`],
      last('versionsMean') !== null && ['Behind', figure(last('versionsMean')), 'versions, mean of pairs'],
      blocked !== null && ['Blocked', percent(blocked), 'of the threads’ time'],
      time !== null && ['Virtual time', duration(time), `${figure(last('epoch'))} epochs`],
      ['Training', duration(seconds), time === null ? `${figure(last('epoch'))} epochs` : 'on the wall'],
    ].filter(Boolean),
  );
  showProgress(steps, seconds, time);
}

function perSecond(name) {
  const [value, seconds] = [history.value(name), history.value('seconds')];
  return seconds > 0 ? `${short(value / seconds)} a second` : '';
}

/** Of the threads' time of training; null while none of it is known. */
function blockedShare() {
  if (done && isNumber(done.blockedShare) && done.perThread?.length > 0) return done.blockedShare;
  const busy = (frame?.seats ?? []).filter(([, , working]) => working > 0);
  const sum = busy.reduce((total, [, , working, gossip, blocked]) => total + working + gossip + blocked, 0);
  return sum > 0 ? busy.reduce((total, seat) => total + seat[4], 0) / sum : null;
}

function showProgress(steps, seconds, time) {
  const { epochs, steps: most, seconds: limit, time: until } = run.start.experiment;
  const share = done
    ? 1
    : epochs
      ? (steps * run.start.experiment.batch) / run.start.data.train / epochs
      : most
        ? steps / most
        : until
          ? (time ?? 0) / until
          : limit
            ? seconds / limit
            : 0;
  const bar = element('progress');
  const whole = Math.max(0, Math.min(100, Math.round(100 * share)));
  bar.hidden = !run.live;
  bar.setAttribute('aria-valuenow', String(whole));
  bar.firstElementChild.style.width = `${whole}%`;
}

function showFrame() {
  later('tiles', showTiles);
  later('network', showNetwork);
  later('staleness', () => drawBars(element('staleness'), element('staleness-note'), frame.staleness));
  if (before && frame.seconds > before.seconds) {
    const width = frame.seconds - before.seconds;
    const fresh = frame.seats.map((seat, k) => [0, 1].map(j => Math.max(0, seat[j] - before.seats[k][j]) / width));
    // A mean of the last seconds: a picture that trembles can't be read.
    rates = fresh.map((pair, k) => pair.map((value, j) => (rates[k] ? 0.75 * rates[k][j] + 0.25 * value : value)));
  }
  later('threads', showThreads);
  announceFigures();
}

let colouring = 'loss';
element('colour-by').addEventListener('change', event => {
  colouring = event.target.value;
  if (frame) showNetwork(true);
});

function showNetwork(again = false) {
  if (!run.view) return;
  const { nodes, flashes, scale, behind, cells, worst } = frame;
  const coded = numbers(nodes[colouring]);
  const most =
    colouring === 'loss'
      ? 254
      : Math.max(
          1,
          coded.reduce((a, b) => Math.max(a, b), 0),
        );
  const coloured = colouring === 'loss' ? coded : coded.map(value => Math.round((254 * value) / most));
  network.colour(coloured, nodes.gone, again === true ? [] : numbers(flashes, Uint16Array));
  const limits =
    colouring === 'loss'
      ? scale && [`loss ${figure(scale[0])}`, figure(scale[1])]
      : colouring === 'behind'
        ? ['staleness 0', `${most}${behind > most ? ` (${behind} at most)` : ''}`]
        : ['steps since the last look 0', String(most)];
  element('legend').hidden = !limits;
  if (limits) {
    write(element('legend-low'), limits[0]);
    write(element('legend-high'), limits[1]);
  }
  element('cells').hidden = !cells;
  if (cells) {
    drawCells(element('cells'), numbers(cells.loss));
    const each = cells.each > 1 ? `the worst of ${cells.each} nodes a cell` : 'a cell a node';
    element('cells').setAttribute('aria-label', `All ${count(run.nodes)} nodes coloured by loss, ${each}`);
    element('cells').title = `all nodes by loss, ${each}`;
  }
  element('worst').hidden = worst.length === 0;
  fillRows(
    element('worst').tBodies[0],
    worst.map(([node, loss, behind, steps]) => [String(node), figure(loss), String(behind), count(steps)]),
  );
}

function showThreads() {
  const rows = [];
  if (done?.perThread?.length > 0) {
    for (const { thread, steps, working, gossip, blocked } of done.perThread) {
      const share = part => percent(part / done.seconds, 1);
      rows.push([`${thread}`, short(steps / done.seconds), '–', share(working), share(gossip), share(blocked)]);
    }
  } else if (frame) {
    frame.seats.forEach(([steps, exchanges, working, gossip, blocked], k) => {
      const isLast = k === frame.seats.length - 1;
      if (isLast && steps === 0 && exchanges === 0) return;
      const sum = working + gossip + blocked;
      const share = part => (sum > 0 ? percent(part / sum, 1) : '–');
      const [a, b] = rates[k] ?? [null, null];
      rows.push([isLast ? 'deciding' : `${k}`, short(a), short(b), share(working), share(gossip), share(blocked)]);
    });
  }
  const played = done?.played?.perThread;
  if (rows.length === 0 && played)
    for (const [k, ops] of played.entries()) rows.push([`${k}`, `${count(ops)} ops`, '–', '–', '–', '–']);
  fillRows(element('threads').tBodies[0], rows);
  const live = run?.live && !done;
  const virtual = history?.value('time') !== null;
  write(
    element('threads-note'),
    rows.length === 0
      ? 'Nothing is known of single threads.'
      : live && !virtual
        ? 'Shares of the time as of the last evaluation.'
        : virtual
          ? 'In virtual time no thread owns a node.'
          : '',
  );
}

/** One thing a frame, each once, so that no frame is long. */
const waiting = new Map();
function later(name, act) {
  if (waiting.size === 0) requestAnimationFrame(next);
  waiting.set(name, act);
}

function next() {
  const [[name, act]] = waiting;
  waiting.delete(name);
  if (waiting.size > 0) requestAnimationFrame(next);
  act();
}

function redraw() {
  if (history?.length > 0) showCharts();
  network.renew();
  if (frame) later('staleness', () => drawBars(element('staleness'), element('staleness-note'), frame.staleness));
}

const ramp = element('ramp').getContext('2d');
for (let k = 0; k < 128; k++) {
  ramp.fillStyle = css[2 * k];
  ramp.fillRect(k, 0, 1, 1);
}
onTheme(redraw);
new ResizeObserver(redraw).observe(element('charts'));
