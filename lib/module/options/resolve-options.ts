import type { Fault } from '../../engine/errors.js';
import { PRUNE_NEEDS_RELEASE } from '../../engine/jobs/release-options.js';
import { parseSeconds } from '../../engine/time/duration.js';
import { throwProblems } from '../configuration-problems.js';
import { resolveLimits } from '../limit-options.js';
import { nearestName } from '../nearest-name.js';
import type { ResolvedSchedulerOptions, SchedulerModuleOptions } from '../scheduler-options.js';
import { normalizeApiPrefix } from './api-prefix.js';
import { resolveDashboard } from './dashboard-checks.js';
import { isRecord, isText } from './option-check.js';
import { isOptionName, optionChecks } from './option-checks.js';

const SUBJECT = 'Invalid options of SchedulerModule';

const NEEDS_AUTH: Fault = {
  field: 'apiEnabled',
  problem:
    'needs to know who may use the REST API: set auth to { username, password }, to { users }, or to new HttpBasicAuth() with ' +
    'authenticate; or set apiGuard; auth: false opens the API to everybody',
};

const DASHBOARD_NEEDS_API: Fault = {
  field: 'dashboard',
  problem: 'needs the REST API, which it gets all it shows from: set apiEnabled to true',
};

/**
 * Checks options and fills the defaults in. Members that are undefined count as absent.
 *
 * @throws ConfigurationError naming each option that cannot be used, and why.
 */
export function resolveOptions(given: SchedulerModuleOptions): ResolvedSchedulerOptions {
  if (!isRecord(given)) throwProblems(SUBJECT, [`they must be an object, got ${typeof given}`]);
  throwProblems(
    SUBJECT,
    optionFaults(given).map(({ field, problem }) => `${field} ${problem}`),
  );
  const { access, auth, authenticate, apiGuard, clock, node, redact, release, timezone } = given;
  return {
    jobStores: given.jobStores ?? {},
    executors: given.executors ?? {},
    jobDefaults: given.jobDefaults ?? {},
    apiDecorators: given.apiDecorators ?? [],
    openapi: given.openapi ?? 'include',
    allowedOrigins: given.allowedOrigins ?? [],
    apiEnabled: given.apiEnabled ?? false,
    apiPrefix: normalizeApiPrefix(given.apiPrefix ?? '/scheduler') ?? '/scheduler',
    dashboard: resolveDashboard(given.dashboard),
    endpointPrefix: given.endpointPrefix ?? 'scheduler.',
    allowedHosts: given.allowedHosts ?? ['*'],
    jobs: given.jobs ?? [],
    history: given.history ?? {},
    audit: given.audit ?? {},
    limits: resolveLimits(given.limits),
    prune: given.prune ?? false,
    roles: given.roles ?? {},
    autoStart: given.autoStart ?? true,
    shutdownTimeout: parseSeconds(given.shutdownTimeout ?? 10, 'shutdownTimeout', 'shutdownTimeout'),
    waitForStores: given.waitForStores ?? false,
    ...(access !== undefined && { access }),
    ...(auth !== undefined && { auth }),
    ...(authenticate !== undefined && { authenticate }),
    ...(apiGuard !== undefined && { apiGuard }),
    ...(clock !== undefined && { clock }),
    ...(node !== undefined && { node }),
    ...(redact !== undefined && { redact }),
    ...(release !== undefined && { release }),
    ...(timezone !== undefined && { timezone }),
  };
}

function optionFaults(options: SchedulerModuleOptions): readonly Fault[] {
  const faults = Object.entries(options).flatMap(([name, value]) => {
    if (!isOptionName(name)) return [unknownOption(name)];
    return value === undefined ? [] : optionChecks[name](value, name);
  });
  const { access, apiEnabled, auth, authenticate, apiGuard, dashboard, prune, release } = options;
  const isOpenUnsaid = apiEnabled === true && auth === undefined && apiGuard === undefined;
  const hasNoApi = dashboard !== undefined && dashboard !== false && apiEnabled !== true;
  const isUnordered = prune === true && release === undefined;
  const hasUsers = isRecord(auth) && 'users' in auth;
  const others = Object.entries({ access, authenticate }).filter(([, value]) => hasUsers && value !== undefined);
  faults.push(...others.map(([field]) => ({ field, problem: 'cannot be given beside auth.users' })));
  if (hasNoApi) faults.push(DASHBOARD_NEEDS_API);
  faults.push(...unknownExecutors(options));
  return [...faults, ...(isOpenUnsaid ? [NEEDS_AUTH] : []), ...(isUnordered ? [PRUNE_NEEDS_RELEASE] : [])];
}

/** A misspelled alias would leave the runs of its executor to nobody. */
function unknownExecutors({ executors, roles }: SchedulerModuleOptions): readonly Fault[] {
  const named = isRecord(roles) && Array.isArray(roles.execute) ? (roles.execute as readonly unknown[]) : [];
  const known = ['default', ...Object.keys(isRecord(executors) ? executors : {})];
  return named.filter(isText).flatMap((alias) => {
    if (known.includes(alias)) return [];
    const nearest = nearestName(alias, known);
    const hint = nearest === undefined ? `known are ${known.join(', ')}` : `did you mean "${nearest}"?`;
    return [{ field: 'roles.execute', problem: `has "${alias}", which is not among the executors; ${hint}` }];
  });
}

function unknownOption(field: string): Fault {
  const nearest = nearestName(field, Object.keys(optionChecks));
  return { field, problem: `is not an option${nearest === undefined ? '' : `; did you mean ${nearest}?`}` };
}
