import type { Evidence, LedgerEntry, Trouble } from './evidence.js';

/** How long recording the outcome of an ended task may take. */
const ON_ITS_WAY_MS = 5_000;

type Leases = Pick<Evidence, 'leaseMs' | 'beatMs' | 'troubles'>;

/**
 * Finds what may have cost a call's process its lease: it was killed, or could not renew its lease until it expired, while
 * the run was active or its outcome was being recorded.
 */
export function findTrouble(leases: Leases, entry: LedgerEntry): Trouble | undefined {
  return leases.troubles.find(
    (trouble) => befalls(trouble, entry) && mayEndLease(trouble, leases) && meets(trouble, entry, leases),
  );
}

function befalls({ process }: Trouble, entry: LedgerEntry): boolean {
  return process === null || process === entry.process;
}

/** The last heartbeat may be one interval old, and the next one may fail once more before it succeeds. */
function mayEndLease({ kind, from, to }: Trouble, { leaseMs, beatMs }: Leases): boolean {
  return kind === 'kill' || to - from + 2 * beatMs > leaseMs;
}

/** A process that continues notices at its next heartbeat that its lease has expired; until then it may start what it had claimed. */
function meets({ kind, from, to }: Trouble, { beganAt, endedAt }: LedgerEntry, { beatMs }: Leases): boolean {
  const until = kind === 'kill' ? to : to + 2 * beatMs;
  return beganAt <= until && (endedAt ?? Infinity) >= from - ON_ITS_WAY_MS;
}
