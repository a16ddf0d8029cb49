import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';
import { parseSeconds } from '../time/duration.js';
import type { FaultList } from './fault-list.js';
import type { Jitter } from './trigger.js';

/** Reads the option `jitter`: how far each run may be delayed, or the same with a seed. 0 when there is none. */
export function readJitter(value: unknown, faults: FaultList): Jitter {
  if (value === undefined) return 0;
  if (!isPlainObject(value)) return readLength(value, 'jitter', faults);
  if (!('max' in value)) {
    faults.add('jitter', `must be a number of seconds, a duration, or { max, seed: 'id' }, got ${show(value)}`);
    return 0;
  }
  const { max, seed, ...others } = value;
  for (const name of Object.keys(others)) faults.add(`jitter.${name}`, 'is not known here; known are max, seed');
  if (seed !== 'id') faults.add('jitter.seed', `must be 'id', got ${show(seed)}`);
  const length = readLength(max, 'jitter.max', faults);
  return length === 0 ? 0 : { max: length, seed: 'id' };
}

function readLength(value: unknown, field: string, faults: FaultList): number {
  return faults.attempt(() => parseSeconds(value, field, 'jitter')) ?? 0;
}
