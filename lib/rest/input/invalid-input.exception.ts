import { BadRequestException } from '@nestjs/common';
import { InvalidInputError, type Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import { toWirePath, toWireText } from '../wire/case.js';

/** At most this many faults are named, and this many unknown members; the others are counted. */
const MAX_FAULTS = 50;
const MAX_UNKNOWN = 20;
const UNKNOWN = 'is not known here';

/** Input is refused. The message names every bad field as it is called on the wire. */
export class InvalidInputException extends BadRequestException {
  constructor(subject: string, faults: readonly Fault[]) {
    super(`${subject}: ${describe(firstOfEach(faults)).join('; ')}`);
  }
}

/** The faults that the engine finds, in the terms of the wire. */
export function engineFaults(check: () => unknown): readonly Fault[] {
  try {
    check();
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return wireFaults(error);
  }
}

export function wireFaults({ faults }: InvalidInputError): readonly Fault[] {
  return faults.map(({ field, problem }) => ({ field: toWirePath(field), problem: toWireText(problem) }));
}

/** The fault of a member that a class does not have. */
export function unknownMember(field: string, hint = ''): Fault {
  return { field, problem: UNKNOWN + hint };
}

/** A DTO and the engine may find the same. */
function firstOfEach(faults: readonly Fault[]): readonly Fault[] {
  const fields = new Set<string>();
  return faults.filter(({ field }) => !fields.has(field) && fields.add(field));
}

function describe(faults: readonly Fault[]): readonly string[] {
  let unknown = 0;
  const named = faults.filter(({ problem }) => !problem.startsWith(UNKNOWN) || ++unknown <= MAX_UNKNOWN);
  const omitted = faults.length - named.length;
  return [
    // Names come from the client.
    ...named
      .slice(0, MAX_FAULTS)
      .map(({ field, problem }) => `${/^[\w.[\]]{1,64}$/.test(field) ? field : show(field)} ${problem}`),
    ...(named.length > MAX_FAULTS ? [`and ${named.length - MAX_FAULTS} more`] : []),
    ...(omitted > 0 ? [`and ${omitted} more members that are not known here`] : []),
  ];
}
