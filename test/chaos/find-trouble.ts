import type { Evidence, LedgerEntry, Trouble } from './evidence.js';

/** For how long the outcome of a task that has ended may be on its way to the store. */
const ON_ITS_WAY_MS = 5_000;

type Leases = Pick<Evidence, 'leaseMs' | 'beatMs' | 'troubles'>;

/**
 * What befell a call's process that may have cost it the right to its run: it was killed, or kept from renewing its lease
 * for so long that the lease was over, while the run was under way or its outcome was.
 */
export function findTrouble(leases: Leases, entry: LedgerEntry): Trouble | undefined {
  return leases.troubles.find(
    (trouble) => befalls(trouble, entry) && mayEndLease(trouble, leases) && meets(trouble, entry, leases),
  );
}

function befalls({ process }: Trouble, entry: LedgerEntry): boolean {
  return process === null || process === entry.process;
}

/** The latest beat may be as old as the distance of two; and the next one may fail once more before it gets through. */
function mayEndLease({ kind, from, to }: Trouble, { leaseMs, beatMs }: Leases): boolean {
  return kind === 'kill' || to - from + 2 * beatMs > leaseMs;
}

/** A process that goes on finds that its lease is over when it comes to its next beat; it may begin what it had taken until then. */
function meets({ kind, from, to }: Trouble, { beganAt, endedAt }: LedgerEntry, { beatMs }: Leases): boolean {
  const until = kind === 'kill' ? to : to + 2 * beatMs;
  return beganAt <= until && (endedAt ?? Infinity) >= from - ON_ITS_WAY_MS;
}
