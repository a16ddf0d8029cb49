import type { Run } from '../../../client/index.js';

/** States of runs in groups, each with a colour: what is seen at one glance. */
export const GROUPS = {
  succeeded: ['succeeded'],
  failed: ['failed', 'timed_out', 'lost', 'unreadable'],
  missed: ['missed', 'skipped', 'cancelled'],
  running: ['running'],
  handed_over: ['handed_over'],
} as const satisfies Readonly<Record<string, readonly Run['state'][]>>;

export type Group = keyof typeof GROUPS;
export const GROUP_NAMES = Object.keys(GROUPS) as readonly Group[];

export const LABELS: Readonly<Record<Group, string>> = {
  succeeded: 'Succeeded',
  failed: 'Failed, timed out or lost',
  missed: 'Missed, skipped or cancelled',
  running: 'Running',
  handed_over: 'Handed over',
};

/** Whether a run has not come to its end: in this process, or where it was handed over to. */
export const isActive = (state: string): boolean => state === 'running' || state === 'handed_over';

export const groupOf = (state: string): Group =>
  GROUP_NAMES.find((group) => (GROUPS[group] as readonly string[]).includes(state)) ?? 'missed';

/** How many runs of a group there are among outcomes. */
export const sumOf = (outcomes: Readonly<Record<string, number>>, group: Group): number =>
  GROUPS[group].reduce((sum, state) => sum + (outcomes[state] ?? 0), 0);
