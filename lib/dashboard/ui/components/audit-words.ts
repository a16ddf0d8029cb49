import type { GetAuditQuery } from '../../../client/index.js';
import { titled } from '../format.js';

export type AuditAction = NonNullable<GetAuditQuery['action']>[number];

/** What the audit trail records, in words. */
const NAMES: Readonly<Record<AuditAction, string>> = {
  'job.add': 'Job added',
  'job.replace': 'Job replaced',
  'job.modify': 'Job changed',
  'job.pause': 'Job paused',
  'job.resume': 'Job resumed',
  'job.run': 'Job run by hand',
  'job.remove': 'Job removed',
  'job.remove_all': 'All jobs removed',
  'job.declare': 'Job declared',
  'job.undeclare': 'Job no longer declared',
  'run.cancel': 'Run cancelled',
  'run.remove': 'Run removed',
  'scheduler.start': 'Scheduler started',
  'scheduler.pause': 'Scheduler paused',
  'scheduler.resume': 'Scheduler resumed',
  'scheduler.shutdown': 'Scheduler stopped',
};

export const ACTIONS = Object.keys(NAMES) as readonly AuditAction[];

/** A later release on another node may have actions that are not known here. */
export const actionName = (action: string): string =>
  (NAMES as Readonly<Record<string, string>>)[action] ?? titled(action.replaceAll('.', ' '));
