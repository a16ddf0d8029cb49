import type { Run } from '../../../client/index.js';

/** States of runs in four groups, each with a colour: what is seen at one glance. */
export const GROUPS = {
  succeeded: ['succeeded'],
  failed: ['failed', 'timed_out', 'lost', 'unreadable'],
  missed: ['missed', 'skipped', 'cancelled'],
  running: ['running'],
} as const satisfies Readonly<Record<string, readonly Run['state'][]>>;

export type Group = keyof typeof GROUPS;
export const GROUP_NAMES = Object.keys(GROUPS) as readonly Group[];

export const LABELS: Readonly<Record<Group, string>> = {
  succeeded: 'Succeeded',
  failed: 'Failed, timed out or lost',
  missed: 'Missed, skipped or cancelled',
  running: 'Running',
};

export const groupOf = (state: string): Group =>
  GROUP_NAMES.find((group) => (GROUPS[group] as readonly string[]).includes(state)) ?? 'missed';

/** How many runs of a group there are among outcomes. */
export const sumOf = (outcomes: Readonly<Record<string, number>>, group: Group): number =>
  GROUPS[group].reduce((sum, state) => sum + (outcomes[state] ?? 0), 0);

/** The colours of the theme, as canvases need them: only elements know what `light-dark()` is at the moment. */
export function readColours(): Readonly<Record<Group | 'text' | 'line' | 'accent' | 'surface', string>> {
  const probe = document.body.appendChild(document.createElement('span'));
  const read = (set: (style: CSSStyleDeclaration) => void): string => {
    set(probe.style);
    return getComputedStyle(probe).color;
  };
  const variable = (name: string): string => read((style) => (style.color = `var(--${name})`));
  const colours = {
    succeeded: variable('good'),
    failed: variable('bad'),
    missed: variable('warn'),
    running: variable('busy'),
    text: variable('quiet'),
    line: variable('line'),
    accent: variable('accent'),
    surface: variable('surface'),
  };
  probe.remove();
  return colours;
}
