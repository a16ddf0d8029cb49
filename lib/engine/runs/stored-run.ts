import { isInstant } from '../time/civil.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { RUN_STATES, type RunRecord, type RunState } from '../model/run-record.js';

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);
const isTimeOrNull = (value: unknown): boolean => value === null || isInstant(value);

/** What each member of a stored run may hold; its `result` may be anything. */
const CHECKS: { readonly [Name in keyof Omit<RunRecord, 'result'>]: (value: unknown) => boolean } = {
  id: isText,
  jobId: isText,
  task: isText,
  cause: isText,
  given: (value) => value === null || isPlainObject(value),
  nominalTime: isInstant,
  lastNominalTime: isInstant,
  fireTime: isInstant,
  startedAt: isTimeOrNull,
  finishedAt: isTimeOrNull,
  attempt: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  retryOf: isTextOrNull,
  retryAt: isTimeOrNull,
  state: (value) => RUN_STATES.includes(value as RunState),
  reason: isTextOrNull,
  settled: (value) => typeof value === 'boolean',
  resultOmitted: isTextOrNull,
  error: (value) => value === null || (isPlainObject(value) && isText(value['message'])),
  log: (value) => Array.isArray(value) && value.every((line) => isPlainObject(line) && isInstant(line['time'])),
  progress: (value) => value === null || Number.isFinite(value),
  node: isText,
  executor: isTextOrNull,
  worker: isTextOrNull,
};
const NAMES = Object.keys(CHECKS) as readonly (keyof typeof CHECKS)[];

/**
 * A run as a store has kept it.
 *
 * @throws Error naming what cannot be read: a later release may have written it, or the record is damaged.
 */
export function readStoredRun(run: RunRecord): RunRecord {
  for (const name of NAMES) if (!CHECKS[name](run[name])) throw new Error(`its ${name} is ${show(run[name])}`);
  return run;
}
