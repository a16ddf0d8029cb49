import { BadRequestException } from '@nestjs/common';
import type { Fault } from '../../engine/errors.js';
import { show } from '../../engine/inspect.js';

/** A body cannot be used. Says every fault, each by its field's name on the wire. */
export class InvalidBodyException extends BadRequestException {
  constructor(
    subject: string,
    readonly faults: readonly Fault[],
  ) {
    super(`${subject}: ${firstOfEach(faults).map(describe).join('; ')}`);
  }
}

/** The rules of the wire and those of the engine may have found the same; the wire's come first. */
function firstOfEach(faults: readonly Fault[]): Fault[] {
  const seen = new Set<string>();
  return faults.filter(({ field }) => !seen.has(field) && seen.add(field));
}

/** Names are the client's: one that is no plain word is shown as a value is, quoted and shortened. */
function describe({ field, problem }: Fault): string {
  return `${/^[\w.[\]]{1,64}$/.test(field) ? field : show(field)} ${problem}`;
}
