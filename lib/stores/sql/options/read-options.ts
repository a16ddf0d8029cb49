import type { Dialect } from 'kysely';
import { InvalidInputError, type Fault } from '../../../engine/errors.js';
import { countProblem, UPPER_BOUNDS } from '../../../engine/util/bounds.js';
import { show } from '../../../engine/util/inspect.js';
import { checkOptions, checksOf, type Check, type Checks } from '../../../engine/jobs/job-options.js';
import { parseDatabaseUrl, type DatabaseUrl } from './database-url.js';
import type { KyselyInstance, SqlStoreOptions } from './sql-store-options.js';
import { checkSchema, checkTablePrefix, DEFAULT_TABLE_PREFIX, type TableLayout } from './table-layout.js';

/** How a store comes by its connections. */
export type Connector =
  | { readonly by: 'url'; readonly url: DatabaseUrl; readonly poolSize: number; readonly queryTimeoutMs: number }
  | { readonly by: 'dialect'; readonly dialect: Dialect }
  | { readonly by: 'kysely'; readonly kysely: KyselyInstance };

/** A SQL store's options, checked, nothing open. */
export interface ResolvedSqlOptions {
  readonly connector: Connector;
  readonly layout: TableLayout;
  readonly namespace: string;
  readonly autoMigrate: boolean;
  /** `Infinity` for never. */
  readonly pollMs: number;
  readonly recoveryAttempts: number;
  readonly time: 'database' | 'node';
}

const SUBJECT = 'Invalid SQL store options';

/** What fits where every database can index it, together with an id. */
export const MAX_NAMESPACE_LENGTH = 64;

const must =
  (what: string, holds: (value: unknown) => boolean, print: (value: unknown) => string = show): Check =>
  (value) =>
    holds(value) ? undefined : `must be ${what}, got ${print(value)}`;

/** What was given in place of a connection may be its URL or its password, and is not shown. */
const typeOf = (value: unknown): string => typeof value;

const isObjectWith =
  (...methods: readonly string[]) =>
  (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function');

const isInterval = (value: unknown): boolean =>
  typeof value === 'number' && value > 0 && value <= UPPER_BOUNDS.storeInterval;
const INTERVAL = `a positive number of seconds, at most ${UPPER_BOUNDS.storeInterval}`;

const isNamespace = (value: unknown): boolean =>
  typeof value === 'string' &&
  value !== '' &&
  value.length <= MAX_NAMESPACE_LENGTH &&
  !value.includes('\0') &&
  value.isWellFormed();

const checks: Checks = checksOf({
  // Read, with faults of its own, when all else is right.
  url: () => undefined,
  poolSize: (value) => countProblem(value, 'poolSize'),
  queryTimeout: must(INTERVAL, isInterval),
  dialect: must('a Kysely dialect', isObjectWith('createAdapter', 'createDriver', 'createQueryCompiler'), typeOf),
  kysely: must(
    'a Kysely instance, not a transaction',
    (value) => isObjectWith('getExecutor', 'withoutPlugins')(value) && !(value as KyselyInstance).isTransaction,
    typeOf,
  ),
  schema: checkSchema,
  tablePrefix: checkTablePrefix,
  namespace: must(`text of 1 to ${MAX_NAMESPACE_LENGTH} characters, without NUL`, isNamespace),
  autoMigrate: must('true or false', (value) => typeof value === 'boolean'),
  pollInterval: must(`${INTERVAL}, or Infinity`, (value) => value === Infinity || isInterval(value)),
  recoveryAttempts: (value) => countProblem(value, 'recoveryAttempts'),
  time: must('"database" or "node"', (value) => value === 'database' || value === 'node'),
});

const WAYS = ['url', 'dialect', 'kysely'] as const;

/** What a store can say of its own connections to a server only. */
const URL_ONLY = ['poolSize', 'queryTimeout'] as const;

/** @throws InvalidInputError */
export function readOptions(options: SqlStoreOptions): ResolvedSqlOptions {
  const faults: Fault[] = [];
  const given = givenOptions(options);
  checkOptions(given, checks, faults);
  const ways = WAYS.filter((way) => given[way] !== undefined);
  if (ways.length !== 1) {
    const got = ways.length === 0 ? 'none' : ways.join(' and ');
    faults.push({ field: 'url', problem: `or dialect or kysely must be given, one of them, got ${got}` });
  }
  if (given['url'] === undefined) refuse(URL_ONLY, given, 'goes with url only', faults);
  throwFaults(faults);
  const { schema, tablePrefix = DEFAULT_TABLE_PREFIX, namespace = 'default', autoMigrate = true } = options;
  const { pollInterval = 1, recoveryAttempts = 3, time = 'database' } = options;
  return {
    connector: readConnector(options),
    layout: { schema, tablePrefix },
    namespace,
    autoMigrate,
    pollMs: pollInterval * 1000,
    recoveryAttempts,
    time,
  };
}

function givenOptions(options: unknown): Readonly<Record<string, unknown>> {
  if (typeof options === 'object' && options !== null) return { ...options };
  throw new InvalidInputError(SUBJECT, [
    { field: 'options', problem: `must be an object such as { url }, got ${typeof options}` },
  ]);
}

function readConnector(options: SqlStoreOptions): Connector {
  if (options.dialect !== undefined) return { by: 'dialect', dialect: options.dialect };
  if (options.kysely !== undefined) return { by: 'kysely', kysely: options.kysely };
  const url = parseDatabaseUrl(options.url);
  const faults: Fault[] = [];
  if (url.kind === 'sqlite') refuse([...URL_ONLY, 'schema'], { ...options }, 'has no meaning for SQLite', faults);
  throwFaults(faults);
  const { poolSize = 10, queryTimeout = 15 } = options;
  return { by: 'url', url, poolSize, queryTimeoutMs: queryTimeout * 1000 };
}

function refuse(
  fields: readonly string[],
  given: Readonly<Record<string, unknown>>,
  problem: string,
  faults: Fault[],
): void {
  faults.push(...fields.filter((field) => given[field] !== undefined).map((field) => ({ field, problem })));
}

function throwFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new InvalidInputError(SUBJECT, faults);
}
