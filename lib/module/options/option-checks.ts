import { releaseProblem } from '../../engine/jobs/release-options.js';
import { nodeNameProblem } from '../../engine/model/node-name.js';
import { rolesFaults } from '../../engine/model/node-roles.js';
import type { SchedulerModuleOptions } from '../scheduler-options.js';
import { checkApiGuard, checkApiPrefix, checkOrigin } from './api-checks.js';
import { checkAuth } from './auth-checks.js';
import {
  checkAudit,
  checkExecutor,
  checkHistory,
  checkJobDefaults,
  checkJobStore,
  checkLimits,
  checkSeconds,
  checkTimezone,
  checkWaitForStores,
} from './component-checks.js';
import { checkDashboard } from './dashboard-checks.js';
import { byAlias, hasMethods, isRecord, isText, listOf, must, type OptionCheck } from './option-check.js';

const isFunction = (value: unknown): boolean => typeof value === 'function';
const checkDecorators = listOf('class decorators', must('a class decorator', isFunction));
const checkBoolean = must('true or false', (value) => typeof value === 'boolean');

/** How each option is checked. What a job definition says is checked when it is declared, against the tasks there are. */
export const optionChecks: Readonly<Record<keyof SchedulerModuleOptions, OptionCheck>> = {
  jobStores: byAlias('job stores', checkJobStore),
  executors: byAlias('executors', checkExecutor),
  jobDefaults: checkJobDefaults,
  timezone: checkTimezone,
  auth: checkAuth,
  // Not shown: somebody may have put credentials here.
  authenticate: must('a function', isFunction, (value) => typeof value),
  apiGuard: checkApiGuard,
  access: must('a function', isFunction),
  redact: must('a function', isFunction),
  apiDecorators: (value, field) => (isFunction(value) ? [] : checkDecorators(value, field)),
  openapi: must("'include' or 'exclude'", (value) => value === 'include' || value === 'exclude'),
  allowedOrigins: listOf('origins', checkOrigin),
  apiEnabled: checkBoolean,
  apiPrefix: checkApiPrefix,
  dashboard: checkDashboard,
  endpointPrefix: must('a string', (value) => typeof value === 'string'),
  allowedHosts: listOf("host names, '*' for all hosts", must('a host name', isText)),
  jobs: listOf('job definitions', must('a job definition', isRecord)),
  history: checkHistory,
  audit: checkAudit,
  limits: checkLimits,
  node: (value, field) => {
    const problem = nodeNameProblem(value);
    return problem === undefined ? [] : [{ field, problem }];
  },
  release: (value, field) => {
    const problem = releaseProblem(value);
    return problem === undefined ? [] : [{ field, problem }];
  },
  prune: checkBoolean,
  roles: rolesFaults,
  autoStart: checkBoolean,
  shutdownTimeout: checkSeconds,
  waitForStores: checkWaitForStores,
  clock: must('a clock', (value) => hasMethods(value, 'now', 'setTimer', 'yield')),
};

export const isOptionName = (name: string): name is keyof SchedulerModuleOptions => Object.hasOwn(optionChecks, name);
