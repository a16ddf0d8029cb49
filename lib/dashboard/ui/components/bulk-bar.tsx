import { useState } from 'preact/hooks';
import type { Bulk, BulkResult, GetJobsQuery } from '../../../client/index.js';
import { notify } from '../act.js';
import { can, client } from '../api.js';
import { plural } from '../format.js';
import { refresh } from '../live.js';
import { messageOf } from '../load.js';
import { ask } from './dialog.js';

interface BulkBarProps {
  readonly selected: ReadonlySet<string>;
  /** The filters of the list; null where it shows all jobs. */
  readonly filter: GetJobsQuery | null;
  readonly onDone: () => void;
}

type BulkAction = 'pause' | 'resume' | 'run' | 'remove';
type Which = Pick<Bulk, 'ids' | 'where'>;

const NAMES: Readonly<Record<BulkAction, string>> = { run: 'Run', pause: 'Pause', resume: 'Resume', remove: 'Remove' };
const EFFECTS: Readonly<Record<BulkAction, string>> = {
  run: 'Each of them runs once, now, beside its schedule.',
  pause: 'They do not run by their schedules until somebody resumes them. They can be run by hand.',
  resume: 'They run by their schedules again.',
  remove: 'They are removed from their stores and do not run any more. Their runs stay in the history for a while.',
};
const NEEDS = { run: 'jobs.run', pause: 'jobs.pause', resume: 'jobs.pause', remove: 'jobs.write' } as const;

/** Does one thing to many jobs: those that are selected, or all that the filters find. */
export function BulkBar({ selected, filter, onDone }: BulkBarProps) {
  const [isBusy, setBusy] = useState(false);
  if (selected.size === 0 && !filter) return null;
  const which: Which = selected.size > 0 ? { ids: [...selected] } : { where: whereOf(filter as GetJobsQuery) };
  const change = async (action: BulkAction): Promise<void> => {
    setBusy(true);
    try {
      if (await changeAll(action, which, selected.size)) onDone();
    } catch (error) {
      notify('failed', messageOf(error));
    }
    setBusy(false);
    refresh();
  };
  return (
    <div class="bulk" role="group" aria-label="Many jobs at once">
      <span>{selected.size > 0 ? `${plural(selected.size, 'job')} selected` : 'All jobs that match the filters:'}</span>
      {(Object.keys(NAMES) as BulkAction[])
        .filter((action) => can(NEEDS[action]))
        .map((action) => (
          <button
            key={action}
            class={`tiny${action === 'remove' ? ' danger' : ''}`}
            disabled={isBusy}
            onClick={() => change(action)}
          >
            {NAMES[action]}
          </button>
        ))}
      {isBusy && <span role="status">Looking through the jobs …</span>}
      {selected.size > 0 && (
        <button class="tiny plain" onClick={onDone}>
          Clear selection
        </button>
      )}
    </div>
  );
}

/** @returns false when the viewer does not want it. */
async function changeAll(action: BulkAction, which: Which, known: number): Promise<boolean> {
  const found = known > 0 ? { count: known, isMore: false } : await countFound(action, which);
  if (found.count === 0) {
    notify('failed', 'No job matches these filters');
    return false;
  }
  const answer = await ask({
    title: `${NAMES[action]} ${found.isMore ? 'more than ' : ''}${plural(found.count, 'job')}?`,
    text: `${EFFECTS[action]} If one cannot be changed, the others still are.`,
    confirm: `${NAMES[action]} ${found.isMore ? 'all' : plural(found.count, 'job')}`,
    isDangerous: action === 'remove',
    ...(action === 'pause' && { note: 'Note for others (optional)' }),
  });
  if (!answer) return false;
  const note = action === 'pause' && answer.note !== '' ? { note: answer.note } : {};
  let done = 0;
  const failed: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { results, next_cursor: next } = await client.changeJobs({
      action,
      ...which,
      ...note,
      ...(cursor && { cursor }),
    });
    for (const { id, ok, error_message: message } of results) {
      if (ok) done++;
      else failed.push(`${id}: ${message}`);
    }
    cursor = next;
  }
  if (done > 0) notify('done', `${NAMES[action]}: ${plural(done, 'job')} changed`);
  if (failed.length > 0) {
    notify(
      'failed',
      `${plural(failed.length, 'job')} not changed. ${failed.slice(0, 5).join('; ')}${failed.length > 5 ? ' …' : ''}`,
    );
  }
  return true;
}

/** How many requests a count may take: each looks through some thousand jobs. */
const MOST_REQUESTS = 100;

/** How many jobs the filters find now. */
async function countFound(action: BulkAction, which: Which): Promise<{ count: number; isMore: boolean }> {
  let found = 0;
  let cursor: string | null = null;
  for (let requests = 0; requests < MOST_REQUESTS; requests++) {
    const page: BulkResult = await client.changeJobs({
      ...{ action, ...which, dry_run: true },
      ...(cursor !== null && { cursor }),
    });
    found += page.results.length;
    cursor = page.next_cursor;
    if (cursor === null) break;
  }
  return { count: found, isMore: cursor !== null };
}

function whereOf(filter: GetJobsQuery): NonNullable<Bulk['where']> {
  const { limit: _, sort: __, cursor: ___, ...where } = filter;
  return where;
}
