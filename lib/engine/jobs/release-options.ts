import { InvalidInputError, type Fault } from '../errors.js';
import { show } from '../util/inspect.js';
import type { SchedulerOptions } from '../scheduler-options.js';

const MAX_LENGTH = 100;

/** What is wrong with a release's name, in words that follow the field's name; undefined when nothing is. */
export function releaseProblem(release: unknown): string | undefined {
  const isName = typeof release === 'string' && release.trim() !== '' && release.length <= MAX_LENGTH;
  return isName ? undefined : `must be a text of 1 to ${MAX_LENGTH} characters, got ${show(release)}`;
}

/** Removing is for those who know which release is the later one. */
export const PRUNE_NEEDS_RELEASE: Fault = {
  field: 'release',
  problem: 'is missing: prune removes what earlier releases have declared, and has to know which release this is',
};

/** @throws InvalidInputError */
export function readReleaseOptions({ release, prune = false }: Pick<SchedulerOptions, 'release' | 'prune'>): {
  readonly release: string | null;
  readonly prune: boolean;
} {
  const faults: Fault[] = [];
  const problem = release === undefined ? undefined : releaseProblem(release);
  if (problem !== undefined) faults.push({ field: 'release', problem });
  if (typeof prune !== 'boolean') faults.push({ field: 'prune', problem: `must be true or false, got ${show(prune)}` });
  if (prune && release === undefined) faults.push(PRUNE_NEEDS_RELEASE);
  if (faults.length > 0) throw new InvalidInputError('Invalid scheduler', faults);
  return { release: release ?? null, prune };
}
