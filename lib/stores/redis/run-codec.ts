import { readStoredRun } from '../../engine/runs/stored-run.js';
import { snapshotOf, wasBegun, type RunRecord } from '../../engine/model/run-record.js';

/** A run as it is kept: a flag, its JSON and, after the line's end, its job's id. */
export function encodeRun(run: RunRecord, flag: string): string {
  return `${flag}${JSON.stringify(snapshotOf(run))}\n${run.jobId}`;
}

export function encodeEntry(run: RunRecord): string {
  return encodeRun(run, wasBegun(run) ? '1' : '0');
}

/** The runs that this process knows to be in the store. */
const KEPT = new WeakSet<RunRecord>();

export function isKept(run: RunRecord): boolean {
  return KEPT.has(run);
}

export function markKept(run: RunRecord): void {
  KEPT.add(run);
}

/**
 * Reads a row: what stands before its JSON is whose it is, and its flag.
 *
 * @throws when it cannot be read.
 */
export function decodeRun(row: string): RunRecord {
  const begin = row.indexOf('{');
  const stored = JSON.parse(row.slice(begin, row.indexOf('\n'))) as RunRecord;
  // Earlier releases do not know of these.
  const run = readStoredRun({ ...stored, executor: stored.executor ?? null, worker: stored.worker ?? null });
  return row.charAt(begin - 2) === 'v' ? { ...run, retryAt: null } : run;
}

/** The JSON of a row and what follows it, behind another flag: of a run that cannot be read. */
export function withFlag(row: string, flag: string): string {
  const begin = row.indexOf('{');
  return flag + (begin < 0 ? `{\n` : row.slice(begin));
}

/** The flag of a row. */
export function flagOf(row: string): string {
  return row.charAt(row.indexOf('{') - 1);
}
