/* APScheduler's scheduler states (apscheduler/schedulers/base.py), names and values alike. */
export const STATE_STOPPED = 0;
export const STATE_RUNNING = 1;
export const STATE_PAUSED = 2;

export type SchedulerState = typeof STATE_STOPPED | typeof STATE_RUNNING | typeof STATE_PAUSED;

export const STATE_NAMES = {
  [STATE_STOPPED]: 'stopped',
  [STATE_RUNNING]: 'running',
  [STATE_PAUSED]: 'paused',
} as const;
