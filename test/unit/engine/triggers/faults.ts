import { InvalidInputError } from '../../../../lib/engine/errors.js';

/** The faults that an action is refused with, `field problem` each; fails when it is not refused. */
export function faultsOf(action: () => unknown): string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof InvalidInputError) return error.faults.map(({ field, problem }) => `${field} ${problem}`);
    throw error;
  }
  throw new Error('was not refused');
}

/** The names of the fields that an action is refused for. */
export function faultyFields(action: () => unknown): string[] {
  return faultsOf(action).map((fault) => fault.slice(0, fault.indexOf(' ')));
}
