import { InvalidInputError, type Fault } from '../errors.js';
import { UPPER_BOUNDS } from '../util/bounds.js';
import { copyData } from '../util/copy-data.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { checkOptions, jobOptionChecks, MAX_ID_LENGTH, textUpTo, type Check, type Checks } from './job-options.js';

/** How to run a job by hand. */
export interface RunJobOptions {
  /** The store that the job is in. @default whichever has it */
  jobStore?: string;
  /** Whether to wait until the run is over. @default true */
  wait?: boolean;
  /** In place of the job's own, for this run: at most a million characters of JSON. */
  args?: readonly unknown[];
  /** In place of the job's own, for this run: at most a million characters of JSON. */
  kwargs?: Readonly<Record<string, unknown>>;
}

/** How to remove or pause a job. */
export interface InterruptOptions {
  /** The store that the job is in. @default whichever has it */
  jobStore?: string;
  /** Whether runs that are under way on this node are cancelled. @default false */
  cancelRuns?: boolean;
}

/** How to pause a job. */
export interface PauseJobOptions extends InterruptOptions {
  /** Why it is paused: at most 10,000 characters. It is shown with the job until it is resumed. */
  note?: string;
  /** Who pauses it: at most 191 characters. */
  actor?: string;
}

/** How to change a job. */
export interface ModifyJobOptions {
  /** The store that the job is in. @default whichever has it */
  jobStore?: string;
  /** Change the job only if this is still its version: see {@link jobVersion}. @default any */
  ifVersion?: string;
}

const isBoolean: Check = (value) =>
  typeof value === 'boolean' ? undefined : `must be true or false, got ${show(value)}`;

const ofJob = (name: 'jobStore' | 'args' | 'kwargs'): Check => jobOptionChecks.get(name) as Check;

/** Each run keeps them, and so does the history; those of a job are kept once. */
const given = (check: Check): Check => {
  const most = UPPER_BOUNDS.givenLength;
  return (value) => {
    const problem = check(value);
    if (problem !== undefined || value === undefined) return problem;
    try {
      const { length } = JSON.stringify(value);
      return length > most ? `must have at most ${most} characters as JSON, got ${length}` : undefined;
    } catch (error) {
      // What JSON cannot hold is a store's matter; this is too long for one text.
      return error instanceof RangeError ? `must have at most ${most} characters as JSON` : undefined;
    }
  };
};

const manualRunChecks: Checks = new Map([
  ['jobStore', ofJob('jobStore')],
  ['args', given(ofJob('args'))],
  ['kwargs', given(ofJob('kwargs'))],
  ['wait', isBoolean],
]);
const interruptionChecks: Checks = new Map([
  ['jobStore', ofJob('jobStore')],
  ['cancelRuns', isBoolean],
]);

const pauseChecks: Checks = new Map([
  ...interruptionChecks,
  ['note', textUpTo(UPPER_BOUNDS.textLength)],
  ['actor', textUpTo(MAX_ID_LENGTH)],
]);
const changeChecks: Checks = new Map([
  ['jobStore', ofJob('jobStore')],
  ['ifVersion', textUpTo(MAX_ID_LENGTH)],
]);

/** @throws InvalidInputError with every fault. */
export function parseManualRun(id: string, options: unknown): RunJobOptions & { wait: boolean } {
  return { wait: true, ...parse(`Job "${id}" cannot be run so`, options, manualRunChecks) };
}

/** @throws InvalidInputError with every fault. */
export function parseInterruption(options: unknown = {}): InterruptOptions {
  return parse('Invalid options', withStore(options), interruptionChecks);
}

/** @throws InvalidInputError with every fault. */
export function parsePause(options: unknown = {}): PauseJobOptions {
  return parse('Invalid options', withStore(options), pauseChecks);
}

/** @throws InvalidInputError with every fault. */
export function parseModification(options: unknown = {}): ModifyJobOptions {
  return parse('Invalid options', withStore(options), changeChecks);
}

const withStore = (options: unknown): unknown => (typeof options === 'string' ? { jobStore: options } : options);

function parse(subject: string, options: unknown, checks: Checks): Record<string, never> {
  const faults: Fault[] = [];
  if (isPlainObject(options)) checkOptions(options, checks, faults);
  else faults.push({ field: 'options', problem: `must be a plain object, got ${show(options)}` });
  if (faults.length > 0) throw new InvalidInputError(subject, faults);
  const given = Object.entries(options as object).filter(([, value]) => value !== undefined);
  // What the caller does to its own arguments afterwards is not meant for the run.
  return copyData(Object.fromEntries(given)) as Record<string, never>;
}
