import { show } from '../../engine/util/inspect.js';
import { throwProblems } from '../configuration-problems.js';
import { nearestName } from '../nearest-name.js';
import { nestLogger } from '../nest.logger.js';
import { optionChecks } from '../options/option-checks.js';
import type { SchedulerModuleOptions } from '../scheduler-options.js';
import { CONFIG_KEYS, type ConfigKey } from './config-keys.js';
import { readJson } from './config-values.js';
import { asSpelled } from './flask-spelling.js';

const PREFIX = 'SCHEDULER_';

/** Settings by key: a flat record such as `process.env`, or what answers a key, such as Nest's `ConfigService`. */
export type ConfigSource = Readonly<Record<string, unknown>> | { get(key: string): unknown };

/**
 * Reads options from Flask-APScheduler's `SCHEDULER_*` keys: from the environment, where a structure is JSON, or from
 * values that are parsed already. Python's spelling is understood inside (`max_instances`, `{ type: 'threadpool' }`).
 * A key that is absent or empty leaves its option alone. An unknown `SCHEDULER_*` key is logged as a warning.
 *
 * @throws ConfigurationError naming each key whose value cannot be used.
 *
 * @example
 * SchedulerModule.forRoot(schedulerOptionsFromConfig(process.env))
 */
export function schedulerOptionsFromConfig(source: ConfigSource): SchedulerModuleOptions {
  const options: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const config of CONFIG_KEYS) {
    const given = valueOf(source, config.key);
    if (isBlank(given) || options[config.option] !== undefined || isOfSomebodyElse(config.key, given)) continue;
    const value = config.read(given);
    const found = problemsOf(config, given, value);
    problems.push(...found);
    if (found.length === 0 && !listsNoJobs(config, value)) options[config.option] = value;
  }
  throwProblems('Invalid configuration of SchedulerModule', problems);
  warnOfUnknownKeys(source);
  return options;
}

function valueOf(source: ConfigSource, key: string): unknown {
  return isAnswering(source) ? source.get(key) : source[key];
}

function isAnswering(source: ConfigSource): source is { get(key: string): unknown } {
  return typeof (source as { get?: unknown }).get === 'function';
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function problemsOf({ key, option, expected, secret }: ConfigKey, given: unknown, value: unknown): readonly string[] {
  if (value === undefined) return [`${key} must be ${expected}${secret ? '' : `, got ${show(given)}`}`];
  return optionChecks[option](value, key).map(({ field, problem }) => `${inWordsOf(given, key, field)} ${problem}`);
}

function inWordsOf(given: unknown, key: string, field: string): string {
  const below = `${key}.`;
  return field.startsWith(below) ? below + asSpelled(field.slice(below.length), readJson(given)) : field;
}

/** Flask-APScheduler goes on to `JOBS` when `SCHEDULER_JOBS` lists none. */
function listsNoJobs({ option }: ConfigKey, value: unknown): boolean {
  return option === 'jobs' && Array.isArray(value) && value.length === 0;
}

/** `JOBS` is also how many compilers may run at once: node-gyp and make read it from the same environment. */
function isOfSomebodyElse(key: string, value: unknown): boolean {
  if (key !== 'JOBS' || typeof value !== 'string' || value.trimStart().startsWith('[')) return false;
  nestLogger().warn(`JOBS is no list of jobs (${show(value)}) and is left alone; SCHEDULER_JOBS is read for sure`);
  return true;
}

function warnOfUnknownKeys(source: ConfigSource): void {
  if (isAnswering(source)) return;
  const known = CONFIG_KEYS.filter(({ key }) => key.startsWith(PREFIX)).map(({ key }) => key.slice(PREFIX.length));
  for (const key of Object.keys(source)) {
    const name = key.slice(PREFIX.length);
    if (!key.startsWith(PREFIX) || known.includes(name)) continue;
    const nearest = nearestName(name, known);
    nestLogger().warn(
      `${key} is not a key of the scheduler${nearest === undefined ? '' : `; did you mean ${PREFIX}${nearest}?`}`,
    );
  }
}
