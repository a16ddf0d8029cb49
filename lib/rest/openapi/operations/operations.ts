import type { EndpointName } from '../../endpoints/endpoint.js';
import type { Component } from '../component.js';
import type { Operation } from '../operation.js';
import { AUDIT_COMPONENTS } from '../responses/audit.responses.js';
import { ERROR_COMPONENTS } from '../responses/error.responses.js';
import { EVENT_COMPONENTS } from '../responses/event.responses.js';
import { JOB_COMPONENTS } from '../responses/job.responses.js';
import { NODE_COMPONENTS } from '../responses/node.responses.js';
import { RUN_COMPONENTS } from '../responses/run.responses.js';
import { SCHEDULER_COMPONENTS } from '../responses/scheduler.responses.js';
import { EVENT_OPERATIONS } from './event.operations.js';
import { AUDIT_OPERATIONS } from './audit.operations.js';
import { JOB_OPERATIONS } from './job.operations.js';
import { RUN_OPERATIONS } from './run.operations.js';
import { SCHEDULER_OPERATIONS } from './scheduler.operations.js';

/** The operations by what they are about. A route that is in none of the groups does not compile. */
export const OPERATION_GROUPS = {
  Scheduler: SCHEDULER_OPERATIONS,
  Jobs: JOB_OPERATIONS,
  Runs: RUN_OPERATIONS,
  Audit: AUDIT_OPERATIONS,
  Events: EVENT_OPERATIONS,
} as const;

/** The operation of each route. */
export const OPERATIONS: Readonly<Record<EndpointName, Operation>> = {
  ...SCHEDULER_OPERATIONS,
  ...JOB_OPERATIONS,
  ...RUN_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...EVENT_OPERATIONS,
};

/** The schemas that responses refer to. */
export const RESPONSE_COMPONENTS: readonly Component[] = [
  ...SCHEDULER_COMPONENTS,
  ...NODE_COMPONENTS,
  ...JOB_COMPONENTS,
  ...RUN_COMPONENTS,
  ...AUDIT_COMPONENTS,
  ...EVENT_COMPONENTS,
  ...ERROR_COMPONENTS,
];
