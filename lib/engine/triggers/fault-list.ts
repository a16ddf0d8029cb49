import { InvalidInputError, type Fault } from '../errors.js';

/** Gathers what is wrong with an input, so that all of it is reported at once. */
export class FaultList {
  private readonly faults: Fault[] = [];

  add(field: string, problem: string): void {
    this.faults.push({ field, problem });
  }

  /** Adds the faults of something that stands at `path`. */
  addAll(faults: readonly Fault[], path?: string): void {
    const prefix = path === undefined ? '' : `${path}.`;
    for (const { field, problem } of faults) this.add(prefix + field, problem);
  }

  /**
   * What `read` answers; undefined when it throws an InvalidInputError, whose faults join the list.
   *
   * @param path - where that stands which is read, if its faults do not say so themselves.
   */
  attempt<T>(read: () => T, path?: string): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      this.addAll(error.faults, path);
      return undefined;
    }
  }

  /** @throws InvalidInputError when there is any fault */
  throwIfAny(subject: string): void {
    if (this.faults.length > 0) throw this.toError(subject);
  }

  toError(subject: string): InvalidInputError {
    return new InvalidInputError(subject, this.faults);
  }
}
