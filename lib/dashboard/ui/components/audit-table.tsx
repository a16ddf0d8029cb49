import type { AuditEntry } from '../../../client/index.js';
import { href } from '../router.js';
import { Scroll, Time } from './basics.js';

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
                <span class="mono">{entry.action}</span>
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
                <Changes of={entry.changes} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Changes({ of }: { of: AuditEntry['changes'] }) {
  return (
    <>
      {of.slice(0, MOST_CHANGES).map(({ field, before, after }) => (
        <div key={field} class="small">
          {field}: <span class="quiet">{shown(before)}</span> → {shown(after)}
        </div>
      ))}
      {of.length > MOST_CHANGES && <div class="quiet small">and {of.length - MOST_CHANGES} more</div>}
    </>
  );
}

/** A value on one line: absent before something is added, and after it is removed. */
function shown(value: unknown): string {
  if (value === undefined || value === null) return '–';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
