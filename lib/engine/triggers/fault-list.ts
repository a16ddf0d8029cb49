import { InvalidInputError, type Fault } from '../errors.js';

/** Gathers what is wrong with an input, so that all of it is told at once. */
export class FaultList {
  private readonly faults: Fault[] = [];

  add(field: string, problem: string): void {
    this.faults.push({ field, problem });
  }

  /** What `read` answers; undefined when it throws an InvalidInputError, whose faults join the list. */
  attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      this.faults.push(...error.faults);
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
