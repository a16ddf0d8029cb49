import { SECOND_MS } from '../time/civil.js';
import { parseSeconds, type DurationInput } from '../time/duration.js';
import { FaultList } from '../triggers/fault-list.js';
import { countProblem } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';

/** How much of the audit trail each job store keeps. */
export interface AuditOptions {
  /** For how long: seconds, or a duration such as `90d`. @default '90d' */
  maxAge?: DurationInput;
  /** How many entries. A store may keep up to a tenth more before it prunes them. @default 10000 */
  maxCount?: number;
}

/** How much of the audit trail is kept. */
export interface AuditLimits {
  readonly maxAgeMs: number;
  readonly maxCount: number;
}

const NAMES: readonly string[] = ['maxAge', 'maxCount'] as const satisfies readonly (keyof AuditOptions)[];

/**
 * Fills the options of the audit trail in. What this node does not record, others may have recorded: there are limits in any case.
 *
 * @throws InvalidInputError with every fault; their fields begin with `audit`.
 */
export function resolveAudit(options: AuditOptions | false = {}): AuditLimits & { readonly isRecorded: boolean } {
  const faults = new FaultList();
  const given: Record<string, unknown> = isPlainObject(options) ? options : {};
  if (given !== options && options !== false)
    faults.add('audit', `must be a plain object or false, got ${show(options)}`);
  for (const name of Object.keys(given)) {
    if (!NAMES.includes(name)) faults.add(`audit.${name}`, `is not known here; known are ${NAMES.join(', ')}`);
  }
  const { maxAge = '90d', maxCount = 10_000 } = given;
  const problem = countProblem(maxCount, 'auditMaxCount');
  if (problem !== undefined) faults.add('audit.maxCount', problem);
  const seconds = faults.attempt(() => parseSeconds(maxAge, 'audit.maxAge', 'auditMaxAge')) ?? 0;
  faults.throwIfAny('Invalid audit');
  return { isRecorded: options !== false, maxAgeMs: seconds * SECOND_MS, maxCount: maxCount as number };
}
