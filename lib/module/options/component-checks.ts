import { InvalidInputError, type Fault } from '../../engine/errors.js';
import { LocalExecutor } from '../../engine/executors/local.executor.js';
import { resolveAudit, type AuditOptions } from '../../engine/stores/audit-options.js';
import { resolveHistory, type HistoryOptions } from '../../engine/stores/history-options.js';
import { show } from '../../engine/util/inspect.js';
import { resolveJobDefaults } from '../../engine/jobs/job-options.js';
import { parseSeconds } from '../../engine/time/duration.js';
import { resolveLimits, type LimitOptions } from '../limit-options.js';
import { JOB_STORE_METHODS, methodsFor } from '../../engine/stores/job-store-members.js';
import type { StoreCapabilities } from '../../engine/stores/job-store.js';
import { TimeZone } from '../../engine/time/time-zone.js';
import { hasMethods, isRecord, isText, type OptionCheck } from './option-check.js';

const CAPABILITIES = ['durable', 'shared', 'notifying'] as const satisfies readonly (keyof StoreCapabilities)[];

/** A job store, or the kind of one to make. */
export const checkJobStore: OptionCheck = (value, field) => {
  if (hasMethods(value, ...JOB_STORE_METHODS)) {
    return [...checkCapabilities(value, `${field}.capabilities`), ...checkMethods(value, field)];
  }
  // Not shown: it may be a connection string.
  if (!isRecord(value)) return [{ field, problem: `must be a job store or { type: 'memory' }, got ${typeof value}` }];
  const { type, url } = value;
  if (type === 'memory') return checkMembers(value, field, ['type']);
  if (type !== 'sql' && type !== 'redis') {
    return [{ field: `${field}.type`, problem: `must be 'memory', 'sql' or 'redis', got ${show(type)}` }];
  }
  return isText(url) ? [] : [{ field: `${field}.url`, problem: `must be where the server is, got ${typeof url}` }];
};

/** What a store says it can do. */
function checkCapabilities({ capabilities }: Readonly<Record<string, unknown>>, field: string): readonly Fault[] {
  if (!isRecord(capabilities)) return [{ field, problem: `must be an object, got ${show(capabilities)}` }];
  return CAPABILITIES.filter((name) => typeof capabilities[name] !== 'boolean').map((name) => ({
    field: `${field}.${name}`,
    problem: `must be true or false, got ${show(capabilities[name])}`,
  }));
}

function checkMethods(store: Readonly<Record<string, unknown>>, field: string): readonly Fault[] {
  const lacks = methodsFor(store.capabilities).filter((method) => typeof store[method] !== 'function');
  return lacks.length > 0 ? [{ field, problem: `is shared, and lacks ${lacks.join(', ')}` }] : [];
}

/** An executor, or the kind of one to make. */
export const checkExecutor: OptionCheck = (value, field) => {
  if (hasMethods(value, 'submit', 'dropQueued')) return [];
  if (!isRecord(value)) return [{ field, problem: `must be an executor or { type: 'local' }, got ${typeof value}` }];
  const { concurrency, type, worker } = value;
  if (type === 'threads') {
    // Its other options are looked at where it is made: that loads its code.
    if (worker instanceof URL || isText(worker)) return [];
    return [{ field: `${field}.worker`, problem: `must be the file that threads load, got ${show(worker)}` }];
  }
  return [
    ...checkType(value, field, ['local', 'threads']),
    ...checkMembers(value, field, ['type', 'concurrency']),
    ...(concurrency === undefined
      ? []
      : faultsOf(() => new LocalExecutor({ concurrency: concurrency as number }), `${field}.`)),
  ];
};

/** The defaults of jobs. */
export const checkJobDefaults: OptionCheck = (value, field) =>
  isRecord(value)
    ? faultsOf(() => resolveJobDefaults(value), `${field}.`)
    : [{ field, problem: `must be an object, got ${show(value)}` }];

/** How much of what happened is kept. */
export const checkHistory: OptionCheck = (value, field) =>
  faultsOf(() => resolveHistory(value as HistoryOptions), '').map((fault) => renamed(fault, 'history', field));

/** How much of the audit trail is kept. */
export const checkAudit: OptionCheck = (value, field) =>
  faultsOf(() => resolveAudit(value as AuditOptions | false), '').map((fault) => renamed(fault, 'audit', field));

/** How much is taken, and how much is kept of a run. */
export const checkLimits: OptionCheck = (value, field) =>
  faultsOf(() => resolveLimits(value as LimitOptions), '').map((fault) => renamed(fault, 'limits', field));

/** A fault whose path begins with an option's name, with the name that the option was read by in its place. */
function renamed(fault: Fault, option: string, name: string): Fault {
  return { ...fault, field: name + fault.field.slice(option.length) };
}

/** A time zone's name. */
export const checkTimezone: OptionCheck = (value, field) =>
  faultsOf(() => TimeZone.of(value as string), '').map(({ problem }) => ({ field, problem }));

/** How long a shutdown may take: a number of seconds, or a duration as text. */
export const checkSeconds: OptionCheck = (value, field) =>
  faultsOf(() => parseSeconds(value, field, 'shutdownTimeout'), '');

/** Whether, or how long, a start waits for job stores. */
export const checkWaitForStores: OptionCheck = (value, field) =>
  typeof value === 'boolean' ? [] : faultsOf(() => parseSeconds(value, field, 'waitForStores'), '');

function checkType(
  { type }: Readonly<Record<string, unknown>>,
  field: string,
  known: readonly string[],
): readonly Fault[] {
  if (known.includes(String(type))) return [];
  const names = known.map((name) => `'${name}'`).join(' or ');
  return [{ field: `${field}.type`, problem: `must be ${names}, got ${show(type)}` }];
}

function checkMembers(value: object, field: string, known: readonly string[]): readonly Fault[] {
  return Object.keys(value)
    .filter((member) => !known.includes(member))
    .map((member) => ({ field: `${field}.${member}`, problem: `is not known; known are ${known.join(', ')}` }));
}

/** What the engine itself has to say against a value. */
function faultsOf(use: () => unknown, path: string): readonly Fault[] {
  try {
    use();
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.faults.map(({ field, problem }) => ({ field: path + field, problem }));
  }
}
