import { BadRequestException } from '@nestjs/common';
import type { Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';

/** How many unknown members are named; the others are only counted. */
const MAX_UNKNOWN = 20;

/** So many faults are named at most, whatever they are. */
export const MAX_FAULTS = 50;

/** Says that there are more faults than are named. */
export function moreFaults(count: number): readonly string[] {
  return count > MAX_FAULTS ? [`and ${count - MAX_FAULTS} more`] : [];
}

/** A body cannot be used. Says every fault, each by its field's name on the wire. */
export class InvalidBodyException extends BadRequestException {
  constructor(
    subject: string,
    readonly faults: readonly Fault[],
  ) {
    super(`${subject}: ${inWords(firstOfEach(faults)).join('; ')}`);
  }
}

/** The rules of the wire and those of the engine may have found the same; the wire's come first. */
function firstOfEach(faults: readonly Fault[]): Fault[] {
  const seen = new Set<string>();
  return faults.filter(({ field }) => !seen.has(field) && seen.add(field));
}

function inWords(faults: readonly Fault[]): readonly string[] {
  let unknown = 0;
  const named = faults.filter(({ problem }) => !problem.startsWith('is not known here') || ++unknown <= MAX_UNKNOWN);
  const more = faults.length - named.length;
  const told = [...named.slice(0, MAX_FAULTS).map(describe), ...moreFaults(named.length)];
  return [...told, ...(more > 0 ? [`and ${more} more members that are not known here`] : [])];
}

/** Names are the client's: one that is no plain word is shown as a value is, quoted and shortened. */
function describe({ field, problem }: Fault): string {
  return `${/^[\w.[\]]{1,64}$/.test(field) ? field : show(field)} ${problem}`;
}
