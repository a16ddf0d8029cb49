import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidInputError } from '../../engine/errors.js';
import { parseSeconds, type DurationInput } from '../../engine/time/duration.js';
import { FaultList } from '../../engine/triggers/fault-list.js';
import { countProblem, UPPER_BOUNDS } from '../../engine/util/bounds.js';
import { show } from '../../engine/util/inspect.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';

/** How much memory each thread may use, as `resourceLimits` of Node's `Worker`: in megabytes. */
export interface ThreadResourceLimits {
  /** Of the heap, without young objects. A thread that needs more ends, and with it its run. */
  maxOldGenerationSizeMb?: number;
  /** Of the heap for young objects. */
  maxYoungGenerationSizeMb?: number;
  /** For generated code. */
  codeRangeSizeMb?: number;
  /** Of the stack. @default 4 */
  stackSizeMb?: number;
}

/** Options of {@link threadExecutor}. */
export interface ThreadExecutorOptions {
  /**
   * The file that threads load: `new URL('./reports.worker.js', import.meta.url)`. Its default export is what `threadWorker()`
   * returns. Text is a path, from the process' working directory if it is relative. While the program runs from TypeScript
   * sources, the `.ts` file beside a `.js` that is not there is taken.
   */
  worker: URL | string;
  /** How many threads there are at most, and so how many runs at once: 1 to 256. @default one less than there are cores, at least 1 */
  threads?: number;
  /**
   * How long a run may go on after its signal is aborted, before its thread is ended: seconds, or a duration such as `500ms`; at
   * most an hour.
   * @default 1
   */
  grace?: DurationInput;
  /** How much memory each thread may use. @default as Node.js has it */
  resourceLimits?: ThreadResourceLimits;
  /** Options of Node.js for the threads: `['--import', 'tsx']`. @default those of the process */
  execArgv?: readonly string[];
}

/** {@link ThreadExecutorOptions} with every default filled in. */
export interface ResolvedThreadOptions {
  /** An absolute path. */
  readonly file: string;
  readonly threads: number;
  readonly graceMs: number;
  readonly resourceLimits: ThreadResourceLimits | undefined;
  readonly execArgv: readonly string[] | undefined;
}

const NAMES = [
  'worker',
  'threads',
  'grace',
  'resourceLimits',
  'execArgv',
] as const satisfies readonly (keyof ThreadExecutorOptions)[];
const LIMITS = [
  'maxOldGenerationSizeMb',
  'maxYoungGenerationSizeMb',
  'codeRangeSizeMb',
  'stackSizeMb',
] as const satisfies readonly (keyof ThreadResourceLimits)[];

/** @throws InvalidInputError with every fault. */
export function resolveThreadOptions(options: ThreadExecutorOptions): ResolvedThreadOptions {
  const faults = new FaultList();
  const isObject = isPlainObject(options);
  const given: Readonly<Record<string, unknown>> = isObject ? options : {};
  if (!isObject) faults.add('options', `must be an object with worker, got ${show(options)}`);
  for (const name of Object.keys(given)) {
    if (!(NAMES as readonly string[]).includes(name)) faults.add(name, `is not known; known are ${NAMES.join(', ')}`);
  }
  const file = readFile(given['worker'], faults);
  const threads = given['threads'] ?? Math.max(1, availableParallelism() - 1);
  const problem = countProblem(threads, 'threads');
  if (problem !== undefined) faults.add('threads', problem);
  const graceMs = readGrace(given['grace'] ?? 1, faults);
  const resourceLimits = readLimits(given['resourceLimits'], faults);
  const execArgv = readExecArgv(given['execArgv'], faults);
  faults.throwIfAny('Invalid thread executor');
  return { file, threads: threads as number, graceMs, resourceLimits, execArgv };
}

function readFile(worker: unknown, faults: FaultList): string {
  const isFile = worker instanceof URL ? worker.protocol === 'file:' : typeof worker === 'string' && worker !== '';
  if (!isFile) {
    const problem = `must be the file that threads load, new URL('./reports.worker.js', import.meta.url) for example; got ${show(worker)}`;
    faults.add('worker', problem);
    return '';
  }
  const isUrl = worker instanceof URL || (worker as string).startsWith('file:');
  const path = isUrl ? fileURLToPath(worker as URL | string) : resolve(worker as string);
  const source = path.replace(/\.([cm]?)js$/, '.$1ts');
  const found = [path, source].find(isExistingFile);
  if (found === undefined) faults.add('worker', `is not a file: ${path}`);
  return found ?? path;
}

const isExistingFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

function readGrace(grace: unknown, faults: FaultList): number {
  try {
    return parseSeconds(grace, 'grace', 'threadGrace') * 1000;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    for (const { field, problem } of error.faults) faults.add(field, problem);
    return 0;
  }
}

function readLimits(limits: unknown, faults: FaultList): ThreadResourceLimits | undefined {
  if (limits === undefined) return undefined;
  if (!isPlainObject(limits)) {
    faults.add('resourceLimits', `must be an object of megabytes, got ${show(limits)}`);
    return undefined;
  }
  for (const [name, value] of Object.entries(limits)) {
    const field = `resourceLimits.${name}`;
    const isKnown = (LIMITS as readonly string[]).includes(name);
    const most = UPPER_BOUNDS.threadMegabytes;
    const fits = typeof value === 'number' && value > 0 && value <= most;
    if (!isKnown) faults.add(field, `is not known; known are ${LIMITS.join(', ')}`);
    else if (!fits) faults.add(field, `must be megabytes, more than 0 and at most ${most}, got ${show(value)}`);
  }
  return limits;
}

function readExecArgv(execArgv: unknown, faults: FaultList): readonly string[] | undefined {
  if (execArgv === undefined) return undefined;
  const isList = Array.isArray(execArgv) && execArgv.every((option) => typeof option === 'string');
  if (!isList) faults.add('execArgv', `must be an array of options of Node.js, got ${show(execArgv)}`);
  return isList ? execArgv : undefined;
}
