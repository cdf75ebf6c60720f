/** The commands, and what surrounds a process: injected, so that a test runs a command without a process. */

import { Command, CommanderError } from 'commander';
import { version } from '../threads/version.js';
import { type AlgorithmsSettings, algorithmsCommand, algorithmsOptions } from './algorithms.js';
import { type Comparing, compareCommand, compareOptions } from './compare.js';
import { complaint, fromCommander } from './complaint.js';
import { type DoctorSettings, doctorCommand, doctorOptions } from './doctor.js';
import { type EvaluateSettings, evaluateCommand, evaluateOptions } from './evaluate.js';
import { type ExportSettings, exportCommand, exportOptions } from './export.js';
import type { Output } from './line.js';
import type { Models } from './models.js';
import { type Planner, type PlanSettings, planCommand, planOptions } from './plan.js';
import { type PredictSettings, predictCommand, predictOptions } from './predict.js';
import { type Replayer, type ReplaySettings, replayCommand, replayOptions } from './replay.js';
import { type ReportSettings, reportCommand, reportOptions } from './report.js';
import { type Reproducer, type ReproduceSettings, reproduceCommand, reproduceOptions } from './reproduce.js';
import { type ServeSettings, serveCommand, serveOptions } from './serve.js';
import { experimentOf, optionsOf, settingsOf } from './settings.js';
import { type Resumer, type Trainer, trainCommand } from './train.js';

export interface Surroundings {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Loads the trainer when a command needs it: help and refusals start no thread and load no kernel. */
  loadTrainer(): Promise<Trainer>;
  loadResumer(): Promise<Resumer>;
  loadReplayer(): Promise<Replayer>;
  loadReproducer(): Promise<Reproducer>;
  loadPlanner(): Promise<Planner>;
  loadModels(): Promise<Models>;
  /** Calls `handle` at each Ctrl-C or SIGTERM, until the function that comes back is called. */
  onSignal(handle: () => void): () => void;
  /** Calls `handle` when the reader of stdout has gone away. */
  onBrokenPipe(handle: () => void): () => void;
  brokenPipe(): boolean;
  /** Ends the process at once. */
  exit(status: number): void;
}

/** Runs the command line `words` (without node and the script). Returns the exit status; never throws. */
export async function program(words: readonly string[], around: Surroundings): Promise<number> {
  const { root, status } = commandLine(around);
  try {
    if (words.length === 0) root.help({ error: true });
    await root.parseAsync(words, { from: 'user' });
    return status();
  } catch (error) {
    const command = root.commands.find(candidate => candidate.name() === words[0]) ?? root;
    return complain(error, command, root, around);
  }
}

/** The commands with their arguments and options, as --help lists them; `status` is what the one that ran ended with. */
export function commandLine(around: Surroundings): { readonly root: Command; status(): number } {
  let status = 0;
  const root = new Command('hearsay')
    .description('Asynchronous gossip learning on every core.')
    .version(version)
    .helpCommand(false);
  const train = root.command('train').description('train models that learn from each other, on every core');
  const trainSettings = settingsOf(train, 'live');
  train.action(async () => {
    status = await trainCommand(trainSettings(), around);
  });
  const simulate = root
    .command('simulate')
    .description('the same in virtual time: clocks, links and churn, thousands of nodes; the same bytes every time');
  const simulateSettings = settingsOf(simulate, 'virtual');
  simulate.action(async () => {
    status = await trainCommand(simulateSettings(), around);
  });
  const compare = root
    .command('compare')
    .description('train the same models with several algorithms, one after the other: a table, a picture, what of it is noise');
  compare.argument('<algorithms...>', 'two or more, as after --algorithm of train: swarm:steps=8 adpsgd local');
  compare.addHelpText(
    'after',
    '\nA - stands where there is nothing to compare: asgd, easgd and hogwild have one model of all, so no worst node and no consensus.',
  );
  const compareSettings = settingsOf<Comparing>(compare, 'live', compareOptions);
  compare.action(async (texts: string[]) => {
    status = await compareCommand(texts, algorithm => compareSettings({ algorithm }), around);
  });
  const replay = root.command('replay').description('play a recorded run again, bit for bit, on any number of threads');
  replay.argument('<file>', 'what --record wrote');
  const replaySettings = optionsOf<Omit<ReplaySettings, 'file'>>(replay, replayOptions);
  replay.action(async (file: string) => {
    status = await replayCommand({ file, ...replaySettings() }, around);
  });
  const reproduce = root
    .command('reproduce')
    .description('do an experiment of a paper again: expected against measured, charts, data');
  reproduce.argument('[id]', 'which one; --list says what there is');
  const reproduceSettings = optionsOf<Omit<ReproduceSettings, 'id'>>(reproduce, reproduceOptions);
  reproduce.action(async (id?: string) => {
    status = await reproduceCommand({ id, ...reproduceSettings() }, around);
  });
  const algorithms = root
    .command('algorithms')
    .description('say what each algorithm does, where it comes from and what it keeps');
  algorithms.argument('[name]', 'one of them in full');
  const algorithmsSettings = optionsOf<Omit<AlgorithmsSettings, 'name'>>(algorithms, algorithmsOptions);
  algorithms.action((name?: string) => algorithmsCommand({ name, ...algorithmsSettings() }, around.stdout));
  const planning = root
    .command('plan')
    .description('say what theory knows of an experiment before it runs: staleness, agreement, steps, cost');
  const planSettings = experimentOf<Omit<PlanSettings, 'experiment'>>(planning, planOptions);
  planning.action(async () => {
    status = await planCommand(planSettings(), around);
  });
  const path = 'the --out folder of a run, or a file: safetensors, npz';
  const evaluate = root.command('evaluate').description('say how good a saved model is: loss, accuracy, class by class');
  evaluate.argument('<model>', path);
  const evaluateSettings = optionsOf<Omit<EvaluateSettings, 'path'>>(evaluate, evaluateOptions);
  evaluate.action(async (path: string) => {
    status = await evaluateCommand({ path, ...evaluateSettings() }, around);
  });
  const predict = root.command('predict').description('say what a saved model makes of each row, or go on with a text');
  predict.argument('<model>', path);
  const predictSettings = optionsOf<Omit<PredictSettings, 'path'>>(predict, predictOptions);
  predict.action(async (path: string) => {
    status = await predictCommand({ path, ...predictSettings() }, around);
  });
  const exporting = root.command('export').description('write a saved model for PyTorch, Keras, ONNX or TensorFlow.js');
  exporting.argument('<model>', path);
  const exportSettings = optionsOf<Omit<ExportSettings, 'path'>>(exporting, exportOptions);
  exporting.action(async (path: string) => {
    status = await exportCommand({ path, ...exportSettings() }, around);
  });
  const reporting = root
    .command('report')
    .description('write the page of a run that was kept, or one page that compares several');
  reporting.argument('<runs...>', 'the --out folders of runs');
  const reportSettings = optionsOf<Omit<ReportSettings, 'folders'>>(reporting, reportOptions);
  reporting.action((folders: string[]) => reportCommand({ folders, ...reportSettings() }, around.stdout));
  const serving = root.command('serve').description('show a run that was kept with --out in a browser');
  serving.argument('<folder>', 'the --out folder of a run');
  const serveSettings = optionsOf<Omit<ServeSettings, 'folder'>>(serving, serveOptions);
  serving.action(async (folder: string) => {
    status = await serveCommand({ folder, ...serveSettings() }, around);
  });
  const doctor = root.command('doctor').description('say what works on this machine, and what to install');
  const doctorSettings = optionsOf<DoctorSettings>(doctor, doctorOptions);
  doctor.action(async () => {
    status = await doctorCommand(doctorSettings(), around.stdout);
  });
  for (const command of [
    root,
    train,
    simulate,
    compare,
    replay,
    reproduce,
    algorithms,
    planning,
    evaluate,
    predict,
    exporting,
    reporting,
    serving,
    doctor,
  ])
    prepare(command, around);
  return { root, status: () => status };
}

function prepare(command: Command, around: Surroundings): void {
  command.exitOverride().showSuggestionAfterError(false).allowExcessArguments(false);
  command.configureOutput({
    writeOut: text => around.stdout.write(text),
    // Usage goes to stderr when no command was given; errors are said by complain, in our own form.
    writeErr: text => text.startsWith('error:') || around.stderr.write(text),
    getOutHelpWidth: () => around.stdout.columns ?? 120,
    getErrHelpWidth: () => around.stderr.columns ?? 120,
  });
}

function complain(error: unknown, command: Command, root: Command, around: Surroundings): number {
  let cause = error;
  if (error instanceof CommanderError) {
    const flags = command.options.flatMap(({ long }) => long ?? []);
    const names = root.commands.map(known => known.name());
    const elsewhere = (flag: string) => root.commands.find(({ options }) => options.some(({ long }) => long === flag))?.name();
    cause = fromCommander(error, flags, names, elsewhere, command.args[command.registeredArguments.length]);
    if (cause === undefined) return error.exitCode === 0 ? 0 : 2;
  }
  const { text, status } = complaint(cause, around.env.HEARSAY_DEBUG === '1');
  around.stderr.write(`${text}\n`);
  return status;
}
