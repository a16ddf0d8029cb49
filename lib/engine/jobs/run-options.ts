import { InvalidInputError, type Fault } from '../errors.js';
import { copyData } from '../util/copy-data.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { checkOptions, jobOptionChecks, type Check, type Checks } from './job-options.js';

/** How to run a job by hand. */
export interface RunJobOptions {
  /** The store that the job is in. @default whichever has it */
  jobStore?: string;
  /** Whether to wait until the run is over. @default true */
  wait?: boolean;
  /** In place of the job's own, for this run. */
  args?: readonly unknown[];
  /** In place of the job's own, for this run. */
  kwargs?: Readonly<Record<string, unknown>>;
}

/** How to remove or pause a job. */
export interface InterruptOptions {
  /** The store that the job is in. @default whichever has it */
  jobStore?: string;
  /** Whether runs that are under way on this node are cancelled. @default false */
  cancelRuns?: boolean;
}

const isBoolean: Check = (value) =>
  typeof value === 'boolean' ? undefined : `must be true or false, got ${show(value)}`;

const ofJob = (...names: readonly ('jobStore' | 'args' | 'kwargs')[]): Checks =>
  new Map(names.map((name) => [name, jobOptionChecks.get(name) as Check]));

const manualRunChecks: Checks = new Map([...ofJob('jobStore', 'args', 'kwargs'), ['wait', isBoolean]]);
const interruptionChecks: Checks = new Map([...ofJob('jobStore'), ['cancelRuns', isBoolean]]);

/** @throws InvalidInputError with every fault. */
export function parseManualRun(id: string, options: unknown): RunJobOptions & { wait: boolean } {
  return { wait: true, ...parse(`Job "${id}" cannot be run so`, options, manualRunChecks) };
}

/** @throws InvalidInputError with every fault. */
export function parseInterruption(options: unknown = {}): InterruptOptions {
  const given = typeof options === 'string' ? { jobStore: options } : options;
  return parse('Invalid options', given, interruptionChecks);
}

function parse(subject: string, options: unknown, checks: Checks): Record<string, never> {
  const faults: Fault[] = [];
  if (isPlainObject(options)) checkOptions(options, checks, faults);
  else faults.push({ field: 'options', problem: `must be a plain object, got ${show(options)}` });
  if (faults.length > 0) throw new InvalidInputError(subject, faults);
  const given = Object.entries(options as object).filter(([, value]) => value !== undefined);
  // What the caller does to its own arguments afterwards is not meant for the run.
  return copyData(Object.fromEntries(given)) as Record<string, never>;
}
