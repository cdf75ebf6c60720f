#!/usr/bin/env node
/** The process around the program: its streams, its signals, its exit status. */

import { complaint } from './complaint.js';
import { program } from './program.js';

/** Ctrl-C, a polite end from outside, and a terminal that goes away. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

let broken = false;
const brokenHandlers = new Set<() => void>();
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  broken = true;
  for (const handle of brokenHandlers) handle();
});

// A fault that no await sees still ends in one line.
process.on('uncaughtException', error => {
  const { text, status } = complaint(error, process.env.HEARSAY_DEBUG === '1');
  process.stderr.write(`${text}\n`);
  process.exit(status);
});

process.exitCode = await program(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  async loadTrainer() {
    const { train, goOn } = await import('../threads/train.js');
    return (experiment, { from, ...rest } = {}) =>
      from ? goOn({ ...from, experiment }, from.checkpoint, rest) : train(experiment, rest);
  },
  loadResumer: async () => ({
    ...(await import('../threads/checkpointfile.js')),
    ...(await import('../threads/resume.js')),
  }),
  loadReproducer: async () => ({
    ...(await import('../reproduce/table.js')),
    ...(await import('../reproduce/run.js')),
    ...(await import('../reproduce/report.js')),
  }),
  loadPlanner: async () => ({
    ...(await import('../threads/prepare.js')),
    ...(await import('../threads/calibration.js')),
  }),
  loadModels: async () => ({
    ...(await import('../threads/opened.js')),
    ...(await import('../threads/confusion.js')),
    ...(await import('../threads/continuation.js')),
  }),
  loadReplayer: async () => (await import('../threads/replay.js')).replay,
  onSignal(handle) {
    for (const signal of signals) process.on(signal, handle);
    return () => {
      for (const signal of signals) process.off(signal, handle);
    };
  },
  onBrokenPipe(handle) {
    brokenHandlers.add(handle);
    return () => brokenHandlers.delete(handle);
  },
  brokenPipe: () => broken,
  exit: status => process.exit(status),
});
