import type { Evidence, LedgerEntry, RunStatement, Trouble, TroubleKind } from './evidence.js';

/** Minimum, median and maximum of some values. */
export interface Spread {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** The recovery from the death or isolation of a process. Times are milliseconds since it started. */
export interface Recovery {
  readonly kind: TroubleKind;
  readonly process: string;
  /** The time until its lost runs were started again. */
  readonly runs: Spread;
  /** The time until all work due in the second after it had started. */
  readonly dueWorkMs: number;
}

export interface Figures {
  /** Calls of tasks. */
  readonly calls: number;
  /** How late the first call for each scheduled time was, in milliseconds. */
  readonly lateness: { readonly p50: number; readonly p99: number; readonly max: number };
  /** The share of calls that were late by at most a second. */
  readonly inTime: number;
  /** Runs that were lost with their nodes, started or not, and started again. */
  readonly takenOver: number;
  readonly recoveries: readonly Recovery[];
}

const IN_TIME_MS = 1000;
const SHARE_MS = 1000;

export function figuresOf(evidence: Evidence): Figures {
  const { ledger, runs, troubles } = evidence;
  const firstCalls = firstCallsOf(ledger);
  const late = Float64Array.from(firstCalls.values(), ({ nominalTime, beganAt }) => beganAt - nominalTime).sort();
  const again = new Map(ledger.filter(({ attempt }) => attempt > 1).map((entry) => [attemptOf(entry), entry]));
  const lost = runs.filter(({ state }) => state === 'lost');
  const recoveries = troubles
    .filter(({ kind }) => kind !== 'outage' && kind !== 'stall')
    .map((trouble) => recoveryOf(trouble, evidence, lost, again, [...firstCalls.values()]));
  return {
    calls: ledger.length,
    lateness: { p50: quantile(late, 0.5), p99: quantile(late, 0.99), max: quantile(late, 1) },
    inTime: late.filter((ms) => ms <= IN_TIME_MS).length / Math.max(1, late.length),
    takenOver: lost.filter((run) => again.has(nextOf(run))).length,
    recoveries,
  };
}

function recoveryOf(
  trouble: Trouble,
  { ledger }: Evidence,
  lost: readonly RunStatement[],
  again: ReadonlyMap<string, LedgerEntry>,
  firstCalls: readonly LedgerEntry[],
): Recovery {
  const { kind, process, from } = trouble;
  const own = ledger.find((entry) => entry.process === process);
  const instance = own && instanceOf(own.runId);
  const delays = lost
    .filter(({ id }) => instanceOf(id) === instance)
    .flatMap((run) => again.get(nextOf(run)) ?? [])
    .map(({ beganAt }) => beganAt - from)
    // Belongs to an earlier mishap of this process.
    .filter((ms) => ms >= 0);
  const share = firstCalls.filter(({ nominalTime }) => nominalTime > from && nominalTime <= from + SHARE_MS);
  const dueWorkMs = share.reduce((longest, { beganAt }) => Math.max(longest, beganAt - from), 0);
  return { kind, process: process ?? '', runs: spreadOf(delays), dueWorkMs };
}

/** The last part of a run's id identifies the scheduler that made it. */
const instanceOf = (runId: string): string | undefined => runId.split('-').at(-1);

const attemptOf = ({ jobId, nominalTime, attempt }: LedgerEntry): string => `${jobId}@${nominalTime}#${attempt}`;

const nextOf = ({ jobId, nominalTime, attempt }: RunStatement): string => `${jobId}@${nominalTime}#${attempt + 1}`;

function firstCallsOf(ledger: readonly LedgerEntry[]): ReadonlyMap<string, LedgerEntry> {
  const first = new Map<string, LedgerEntry>();
  for (const entry of ledger) {
    const slot = `${entry.jobId}@${entry.nominalTime}`;
    const known = first.get(slot);
    if (!known || entry.beganAt < known.beganAt) first.set(slot, entry);
  }
  return first;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  return { count: sorted.length, min: sorted[0] ?? NaN, median: quantile(sorted, 0.5), max: sorted.at(-1) ?? NaN };
}

/** @param sorted - in ascending order. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}
