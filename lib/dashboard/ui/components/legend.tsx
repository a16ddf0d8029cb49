import type { ComponentChildren } from 'preact';
import { LABELS, type Group } from './outcomes.js';

/** What the colours mean. */
export function Legend({ groups, children }: { groups: readonly Group[]; children?: ComponentChildren }) {
  return (
    <div class="legend">
      {groups.map((group) => (
        <span key={group}>
          <i class={`is-${group}`} />
          {LABELS[group]}
        </span>
      ))}
      {children}
    </div>
  );
}
