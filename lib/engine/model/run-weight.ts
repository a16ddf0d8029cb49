import type { RunRecord } from './run-record.js';

/** What something weighs that JSON cannot hold: only stores in memory keep such a thing. */
const UNKNOWN = 1000;

/** About how many bytes it takes what a run was given, what it returned or threw, and its log. */
export function weightOf({ given, result, error, log }: Pick<RunRecord, 'given' | 'result' | 'error' | 'log'>): number {
  let bytes = 0;
  if (given !== null) bytes += jsonLength(given);
  if (result !== null) bytes += jsonLength(result);
  if (error !== null) bytes += jsonLength(error);
  for (const { message } of log) bytes += message.length;
  return bytes;
}

function jsonLength(value: unknown): number {
  try {
    return JSON.stringify(value)?.length ?? UNKNOWN;
  } catch {
    return UNKNOWN;
  }
}
