import type { AuditEntry } from '../../../client/index.js';
import { href } from '../router.js';
import { actionName } from './audit-words.js';
import { Scroll, Time } from './basics.js';
import { fieldName, fieldText } from './job-words.js';

const MOST_CHANGES = 4;

/** Who did what: entries of the audit trail, the latest first. */
export function AuditTable({ entries, withJob }: { entries: readonly AuditEntry[]; withJob: boolean }) {
  return (
    <Scroll label="Audit trail">
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            {withJob && <th scope="col">Job</th>}
            <th scope="col">Changes</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td data-label="When">
                <Time at={entry.time} />
              </td>
              <td data-label="Who">
                {entry.actor ?? (
                  <span class="quiet">{entry.release === null ? 'the program' : `release ${entry.release}`}</span>
                )}
                {entry.address !== null && <div class="quiet small">{entry.address}</div>}
              </td>
              <td data-label="What">
                {actionName(entry.action)}
                {entry.note !== null && <div class="quiet small">{entry.note}</div>}
              </td>
              {withJob && (
                <td class="cell-name" data-label="Job">
                  {entry.job_id !== null && <a href={href(['jobs', entry.job_id])}>{entry.job_id}</a>}
                  {entry.run_id !== null && (
                    <div class="small">
                      <a href={href(['runs', entry.run_id])}>its run</a>
                    </div>
                  )}
                </td>
              )}
              <td class="changes" data-label="Changes">
                <Changes of={entry} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

/** Of jobs that have not been given others. */
const DEFAULTS: Readonly<Record<string, unknown>> = { executor: 'default' };

/** Actions that change a job which was there and still is: of others, nothing was before, or nothing is after. */
const EDITS: ReadonlySet<string> = new Set(['job.modify', 'job.pause', 'job.resume']);

function Changes({ of: { action, changes: all, job_id: id } }: { of: AuditEntry }) {
  const isEdit = EDITS.has(action);
  // What every job has says nothing of one that was added or removed.
  const changes = isEdit
    ? all
    : all.filter(({ field, before, after }) => (before ?? after) !== (field === 'name' ? id : DEFAULTS[field]));
  return (
    <>
      {changes.slice(0, MOST_CHANGES).map(({ field, before, after }) => (
        <div key={field} class="small">
          <span class="quiet">{fieldName(field)}:</span>{' '}
          {!isEdit && (before === null || after === null) ? (
            fieldText(field, before ?? after)
          ) : (
            <>
              <span class="quiet">{fieldText(field, before)}</span> → {fieldText(field, after)}
            </>
          )}
        </div>
      ))}
      {changes.length > MOST_CHANGES && <div class="quiet small">and {changes.length - MOST_CHANGES} more</div>}
    </>
  );
}
