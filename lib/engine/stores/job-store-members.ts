import type { JobStore } from './job-store.js';

/** Every method that a job store must have. */
export const JOB_STORE_METHODS = [
  'add',
  'addMany',
  'get',
  'list',
  'update',
  'remove',
  'removeIf',
  'removeIfEnded',
  'removeAll',
  'takeDue',
  'reconsider',
  'record',
  'getRun',
  'getRuns',
  'lastRuns',
] as const satisfies readonly (keyof JobStore)[];
