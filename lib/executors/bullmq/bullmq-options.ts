import type { RunEnvelope } from '../../engine/executors/run-envelope.js';
import { parseSeconds, type DurationInput } from '../../engine/time/duration.js';
import { FaultList } from '../../engine/triggers/fault-list.js';
import type { BoundName } from '../../engine/util/bounds.js';
import { show } from '../../engine/util/inspect.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { BullQueue } from './load-bullmq.js';

/** Options of BullMQ for the job that carries a run. Those that the executor needs for itself are left out. */
export interface BullJobOptions {
  /** 1 is first, up to 2097152; jobs without a priority go before all that have one. */
  priority?: number;
  /** Whether it goes before the jobs that wait already. @default false */
  lifo?: boolean;
  /** How many lines of BullMQ's own job log are kept. */
  keepLogs?: number;
  /** How many bytes the run's envelope may take as JSON. */
  sizeLimit?: number;
}

/** Options of {@link bullmqExecutor}. */
export interface BullmqExecutorOptions {
  /**
   * The queue of BullMQ that runs are handed over to: its name, or a `Queue`, for example one that `BullModule.registerQueue()`
   * provides. It should carry nothing else. A `Queue` that is given is used, and never closed.
   */
  queue: string | BullQueue;
  /**
   * Its Redis: a URL, options of ioredis, or a client of ioredis, from which connections are made and which is never closed.
   *
   * @default that of the `Queue`; `redis://127.0.0.1:6379` for a name
   */
  connection?: string | object;
  /** What the queue's keys begin with. Workers need the same. @default that of the `Queue`; `bull` for a name */
  prefix?: string;
  /** How long after it was handed over the outcome of a run must be there; then the run is lost. @default '1d' */
  deadline?: DurationInput;
  /**
   * How long a worker has to end a run that has been cancelled or has timed out, before the run is over without its answer:
   * seconds or a duration.
   *
   * @default 5
   */
  grace?: DurationInput;
  /** BullMQ's priority of each run, for all or by its envelope: 1 is first. @default none, which goes before all that have one */
  priority?: number | ((envelope: RunEnvelope) => number | undefined);
  /** Further options of BullMQ, for all or by the run's envelope. */
  jobOptions?: BullJobOptions | ((envelope: RunEnvelope) => BullJobOptions | undefined);
}

/** {@link BullmqExecutorOptions} with every default filled in. */
export interface ResolvedBullmqOptions {
  readonly name: string;
  /** Null: one is opened. */
  readonly queue: BullQueue | null;
  readonly connection: string | object;
  readonly prefix: string;
  readonly deadlineMs: number;
  readonly graceMs: number;
  readonly jobOptions: (envelope: RunEnvelope) => BullJobOptions;
}

const NAMES = [
  'queue',
  'connection',
  'prefix',
  'deadline',
  'grace',
  'priority',
  'jobOptions',
] as const satisfies readonly (keyof BullmqExecutorOptions)[];
const JOB_OPTIONS = ['priority', 'lifo', 'keepLogs', 'sizeLimit'] as const satisfies readonly (keyof BullJobOptions)[];
const MAX_PRIORITY = 2 ** 21;
const DEFAULT_URL = 'redis://127.0.0.1:6379';

/** @throws InvalidInputError with every fault. */
export function resolveBullmqOptions(options: BullmqExecutorOptions): ResolvedBullmqOptions {
  const faults = new FaultList();
  const isObject = isPlainObject(options);
  const given: Readonly<Record<string, unknown>> = isObject ? options : {};
  if (!isObject) faults.add('options', `must be an object with queue, got ${typeof options}`);
  for (const name of Object.keys(given)) {
    if (!(NAMES as readonly string[]).includes(name)) faults.add(name, `is not known; known are ${NAMES.join(', ')}`);
  }
  const queue = isQueue(given['queue']) ? given['queue'] : null;
  const name = queue ? queue.name : readName(given['queue'], faults);
  const connection = given['connection'] ?? queue?.opts.connection ?? DEFAULT_URL;
  const prefix = given['prefix'] ?? queue?.opts.prefix ?? 'bull';
  const isConnection = typeof connection === 'string' ? URL.canParse(connection) : typeof connection === 'object';
  if (!isConnection) {
    // Text may have a password in it.
    const what = typeof connection === 'string' ? 'text that is no URL' : show(connection);
    faults.add('connection', `must be a URL, options or a client of ioredis, got ${what}`);
  }
  if (typeof prefix !== 'string' || prefix === '') {
    faults.add('prefix', `must be a non-empty string, got ${show(prefix)}`);
  } else if (queue && prefix !== (queue.opts.prefix ?? 'bull')) {
    faults.add('prefix', `must be that of the given queue, ${show(queue.opts.prefix ?? 'bull')}, got ${show(prefix)}`);
  }
  const seconds = (field: 'deadline' | 'grace', byDefault: DurationInput, bound: BoundName): number =>
    faults.attempt(() => parseSeconds(given[field] ?? byDefault, field, bound)) ?? 1;
  const deadlineMs = seconds('deadline', '1d', 'handOverDeadline') * 1000;
  if (deadlineMs === 0) faults.add('deadline', 'must be more than 0');
  const graceMs = seconds('grace', 5, 'workerGrace') * 1000;
  const jobOptions = readJobOptions(given, faults);
  faults.throwIfAny('Invalid BullMQ executor');
  return {
    name,
    queue,
    connection,
    prefix: prefix as string,
    deadlineMs,
    graceMs,
    jobOptions,
  };
}

/** @throws InvalidInputError when what a function has answered for a run is not usable. */
export function checkJobOptions(options: unknown): BullJobOptions {
  const faults = new FaultList();
  addJobFaults(options, faults);
  faults.throwIfAny('Invalid options of a job of BullMQ');
  return options as BullJobOptions;
}

function isQueue(value: unknown): value is BullQueue {
  if (typeof value !== 'object' || value === null) return false;
  const { name, addBulk, getJob, opts } = value as Partial<BullQueue>;
  return (
    typeof opts === 'object' &&
    typeof name === 'string' &&
    typeof addBulk === 'function' &&
    typeof getJob === 'function'
  );
}

/** BullMQ builds keys from it. */
function readName(queue: unknown, faults: FaultList): string {
  if (typeof queue === 'string' && queue !== '' && !queue.includes(':')) return queue;
  faults.add('queue', `must be a Queue of BullMQ, or the name of one: text without ":"; got ${show(queue)}`);
  return '';
}

function readJobOptions(
  { priority, jobOptions }: Readonly<Record<string, unknown>>,
  faults: FaultList,
): ResolvedBullmqOptions['jobOptions'] {
  if (typeof priority !== 'function' && priority !== undefined) addJobFaults({ priority }, faults, '');
  if (typeof jobOptions !== 'function' && jobOptions !== undefined) addJobFaults(jobOptions, faults);
  if (priority === undefined && jobOptions === undefined) return () => ({});
  return (envelope) => {
    const all: unknown = typeof jobOptions === 'function' ? jobOptions(envelope) : jobOptions;
    const first: unknown = typeof priority === 'function' ? priority(envelope) : priority;
    return checkJobOptions({ ...(all as BullJobOptions | undefined), ...(first !== undefined && { priority: first }) });
  };
}

function addJobFaults(options: unknown, faults: FaultList, at = 'jobOptions.'): void {
  if (!isPlainObject(options)) return faults.add('jobOptions', `must be an object or a function, got ${show(options)}`);
  for (const [name, value] of Object.entries(options)) {
    const field = `${at}${name}`;
    const isCount = Number.isInteger(value) && (value as number) >= 0;
    if (!(JOB_OPTIONS as readonly string[]).includes(name)) {
      faults.add(field, `is not known, or the executor's own; known are ${JOB_OPTIONS.join(', ')}`);
    } else if (name === 'lifo') {
      if (typeof value !== 'boolean') faults.add(field, `must be true or false, got ${show(value)}`);
    } else if (!isCount || (name === 'priority' && (value as number) > MAX_PRIORITY)) {
      const most = name === 'priority' ? ` up to ${MAX_PRIORITY}` : '';
      faults.add(field, `must be a whole number from 0${most}, got ${show(value)}`);
    }
  }
}
