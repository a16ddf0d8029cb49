import type { Fault } from '../errors.js';
import { parseJobDefinition, type JobInput } from './job-input.js';
import type { JobPlacement, NewJob } from './job-placement.js';

/** Checks definitions of jobs, as far as that is possible without a store. */
export class JobChecks {
  constructor(
    private readonly placement: JobPlacement,
    private readonly isStarted: () => boolean,
  ) {}

  /** @throws InvalidInputError with every fault */
  definition(definition: unknown): NewJob {
    return parseJobDefinition(definition, this.faultsOf);
  }

  /** What keeps a job from being added. Before the start, tasks may still be on their way. */
  private readonly faultsOf = (input: JobInput): readonly Fault[] => {
    const faults = this.placement.faultsOf(input);
    const ofTask = this.isStarted() ? this.placement.taskFaults(input) : [];
    return ofTask.length > 0 ? [...ofTask, ...faults] : faults;
  };
}
