import { InvalidInputError, type Fault } from '../../engine/errors.js';
import { toWirePath, toWireText } from '../wire/case.js';

/** What the engine has to say against an input, in the words of the wire; nothing when it has not. */
export function engineFaults(parse: () => unknown): readonly Fault[] {
  try {
    parse();
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.faults.map(({ field, problem }) => ({ field: toWirePath(field), problem: toWireText(problem) }));
  }
}
