import type { Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import type { DashboardOptions, ResolvedDashboard } from '../dashboard-options.js';
import { normalizeApiPrefix } from './api-prefix.js';
import { checkTimezone } from './component-checks.js';
import { isRecord, isText, listOf, must, type OptionCheck } from './option-check.js';

const DEFAULT_PATH = '/ui';
const MAX_LINKS = 20;

/** First segments of the paths of the REST API. */
const TAKEN: ReadonlySet<string> = new Set(
  'audit,events,export,health,import,jobs,nodes,openapi.json,pause,preview,resume,runs,shutdown,start,stats,tasks,timeline'.split(
    ',',
  ),
);

const checkPath: OptionCheck = (value, field) => {
  const path = typeof value === 'string' ? normalizeApiPrefix(value) : undefined;
  if (path === undefined) return [{ field, problem: `must be a path such as '${DEFAULT_PATH}', got ${show(value)}` }];
  const [, first = ''] = path.toLowerCase().split('/');
  return TAKEN.has(first) ? [{ field, problem: `must not be a path of the REST API, got ${show(value)}` }] : [];
};

const isUrl = (value: unknown): boolean => {
  if (typeof value !== 'string') return false;
  if (/^\/(?![/\\])/.test(value)) return true;
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
};

const checkLink: OptionCheck = (value, field) => {
  if (!isRecord(value) || !isText(value['label']) || !isUrl(value['url'])) {
    const problem = `must be { label, url }, with an http or https address or a path that begins with a slash, got ${show(value)}`;
    return [{ field, problem }];
  }
  return [];
};

const checks: Readonly<Record<keyof DashboardOptions, OptionCheck>> = {
  path: checkPath,
  title: must('a non-empty string', isText),
  timezone: checkTimezone,
  links: (value, field) =>
    Array.isArray(value) && value.length > MAX_LINKS
      ? [{ field, problem: `must have at most ${MAX_LINKS} links, got ${value.length}` }]
      : listOf('links', checkLink)(value, field),
};

/** True, false, or the dashboard's options. */
export const checkDashboard: OptionCheck = (value, field) => {
  if (typeof value === 'boolean') return [];
  if (!isRecord(value)) return [{ field, problem: `must be true, false or an object of options, got ${show(value)}` }];
  return Object.entries(value).flatMap(([name, member]): readonly Fault[] => {
    const path = `${field}.${name}`;
    if (!Object.hasOwn(checks, name)) {
      return [{ field: path, problem: `is not an option; known are ${Object.keys(checks).join(', ')}` }];
    }
    return member === undefined ? [] : checks[name as keyof DashboardOptions](member, path);
  });
};

/** Fills the defaults in; null where no dashboard is wanted. */
export function resolveDashboard(given: boolean | DashboardOptions = false): ResolvedDashboard | null {
  if (given === false) return null;
  const { path, title, timezone, links }: DashboardOptions = given === true ? {} : given;
  return {
    path: normalizeApiPrefix(path ?? DEFAULT_PATH) ?? DEFAULT_PATH,
    title: title ?? 'Scheduler',
    timezone: timezone ?? null,
    links: links ?? [],
  };
}
