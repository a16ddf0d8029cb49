import type { RunRecord } from '../../engine/run.js';
import { snapshotOf, type RunEntry } from '../../engine/runs/run-entry.js';

/** A run as it is kept: a flag, its JSON and, after the line's end, its job's id. */
export function encodeRun(run: RunRecord, flag: string): string {
  return `${flag}${JSON.stringify(snapshotOf(run))}\n${run.jobId}`;
}

export function encodeEntry(run: RunEntry): string {
  return encodeRun(run, run.isReal ? '1' : '0');
}

/** Reads a row: what stands before its JSON is whose it is. */
export function decodeRun(row: string): RunRecord {
  return JSON.parse(row.slice(row.indexOf('{'), row.indexOf('\n'))) as RunRecord;
}

/** The flag of a row. */
export function flagOf(row: string): string {
  return row.charAt(row.indexOf('{') - 1);
}
