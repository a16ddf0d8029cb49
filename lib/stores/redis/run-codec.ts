import { readStoredRun } from '../../engine/runs/stored-run.js';
import type { RunRecord } from '../../engine/runs/run-record.js';
import { snapshotOf, type RunEntry } from '../../engine/runs/run-entry.js';

/** A run as it is kept: a flag, its JSON and, after the line's end, its job's id. */
export function encodeRun(run: RunRecord, flag: string): string {
  return `${flag}${JSON.stringify(snapshotOf(run))}\n${run.jobId}`;
}

export function encodeEntry(run: RunEntry): string {
  return encodeRun(run, run.isReal ? '1' : '0');
}

/** Marks a run that is in the store. */
const KEPT = {};

export function isKept(run: RunEntry): boolean {
  return run.place !== null;
}

export function markKept(run: RunEntry): void {
  run.place = KEPT;
}

/**
 * Reads a row: what stands before its JSON is whose it is, and its flag.
 *
 * @throws when it cannot be read.
 */
export function decodeRun(row: string): RunRecord {
  const begin = row.indexOf('{');
  const run = readStoredRun(JSON.parse(row.slice(begin, row.indexOf('\n'))) as RunRecord);
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
