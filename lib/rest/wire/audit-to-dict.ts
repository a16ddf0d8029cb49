import type { AuditChange, AuditEntry, AuditPage } from '../../engine/model/audit.js';
import { formatDate } from '../../engine/time/iso-date.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { TriggerJson } from '../../engine/triggers/trigger.js';
import { toWireMembers, toWireName } from './case.js';
import { triggerJsonToDict } from './trigger-to-dict.js';

/** Some entries of the audit trail as the wire shows them. */
export function auditPageToDict({ entries, nextCursor }: AuditPage): Record<string, unknown> {
  return { entries: entries.map(auditEntryToDict), next_cursor: nextCursor };
}

function auditEntryToDict(entry: AuditEntry): Record<string, unknown> {
  return {
    id: entry.id,
    time: formatDate(entry.time, 'UTC'),
    action: entry.action,
    actor: entry.actor,
    job_id: entry.jobId,
    jobstore: entry.jobStore,
    run_id: entry.runId,
    changes: entry.changes.map(changeToDict),
    node: entry.node,
    address: entry.address,
    note: entry.note,
    release: entry.release,
  };
}

function changeToDict({ field, before, after }: AuditChange): Record<string, unknown> {
  return { field: toWireName(field), before: valueToWire(field, before), after: valueToWire(field, after) };
}

/** In the forms that jobs have on the wire. What was too long to be kept is a text. */
function valueToWire(field: string, value: unknown): unknown {
  if (field === 'nextRunTime' && typeof value === 'number') return formatDate(value, 'UTC');
  if (!isPlainObject(value)) return value;
  if (field === 'trigger') return triggerJsonToDict(value as unknown as TriggerJson);
  return field === 'retry' ? toWireMembers(value) : value;
}
