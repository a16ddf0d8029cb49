import { isInstant } from '../time/civil.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import type { AuditRecord } from '../model/audit.js';

const isText = (value: unknown): boolean => typeof value === 'string';
const isTextOrNull = (value: unknown): boolean => value === null || isText(value);

/** What each member of a stored entry may hold. An action may be one that only a later release knows. */
const CHECKS: { readonly [Name in keyof AuditRecord]: (value: unknown) => boolean } = {
  id: isText,
  time: isInstant,
  action: isText,
  actor: isTextOrNull,
  jobId: isTextOrNull,
  runId: isTextOrNull,
  changes: (value) => Array.isArray(value) && value.every((one) => isPlainObject(one) && isText(one['field'])),
  node: isText,
  address: isTextOrNull,
  note: isTextOrNull,
  release: isTextOrNull,
};
const NAMES = Object.keys(CHECKS) as readonly (keyof AuditRecord)[];

/**
 * An entry of the audit trail as a store has kept it: its JSON.
 *
 * @throws Error naming what cannot be read: a later release may have written it, or the record is damaged.
 */
export function readStoredAudit(json: string): AuditRecord {
  const entry = JSON.parse(json) as AuditRecord;
  if (!isPlainObject(entry)) throw new Error(`it is ${show(entry)}`);
  for (const name of NAMES) if (!CHECKS[name](entry[name])) throw new Error(`its ${name} is ${show(entry[name])}`);
  return entry;
}
