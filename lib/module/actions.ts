/** What can be done over the REST API. Each route needs one of these. */
export const ACTIONS = [
  'scheduler.read',
  'scheduler.control',
  'jobs.read',
  'jobs.write',
  'jobs.pause',
  'jobs.run',
  'jobs.bulk',
  'runs.read',
  'runs.cancel',
  'runs.remove',
  'audit.read',
  'secrets.read',
] as const;

/**
 * - `scheduler.read`: the scheduler's state and health, and the nodes that share its job stores.
 * - `scheduler.control`: start, shut down, pause and resume the scheduler.
 * - `jobs.read`: jobs, and previews of triggers.
 * - `jobs.write`: add, change and remove jobs.
 * - `jobs.pause`: pause and resume jobs.
 * - `jobs.run`: run jobs by hand.
 * - `jobs.bulk`: change many jobs at once, with the action of what is done beside it.
 * - `runs.read`: the history of runs.
 * - `runs.cancel`: cancel runs.
 * - `runs.remove`: remove runs from the history.
 * - `audit.read`: the audit trail, with the names and addresses in it.
 * - `secrets.read`: see what the option `redact` and `@Secret()` hide from others.
 */
export type Action = (typeof ACTIONS)[number];

/** The actions that `can: 'read'` stands for. */
export const READ_ACTIONS: readonly Action[] = ['scheduler.read', 'jobs.read', 'runs.read'];

/** The actions of those for whom nothing says what they may do. */
export const DEFAULT_ACTIONS: readonly Action[] = ACTIONS.filter((action) => action !== 'secrets.read');
