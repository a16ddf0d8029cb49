import type { Type } from '@nestjs/common';
import type { Fault } from '../../engine/errors.js';
import { show } from '../../engine/util/inspect.js';
import type { JobChanges, JobDefinition } from '../../engine/jobs/job-definition.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { Job } from '../../engine/model/job.js';
import type { SchedulerService } from '../../module/scheduler.service.js';
import { fromWireMembers } from '../wire/case.js';
import { jobToDict } from '../wire/job-to-dict.js';
import { AddJobDto } from './add-job.dto.js';
import { changedMembers } from './changed-members.js';
import { engineFaults } from './engine-faults.js';
import { flattenTrigger, TRIGGER_MEMBERS } from './flatten-trigger.js';
import { InvalidBodyException } from './invalid-body.exception.js';
import type { JobFieldsDto } from './job-fields.dto.js';
import { readNestedTriggers } from './nested-triggers.js';
import { readDto } from './read-dto.js';
import { readRetryMember } from './read-retry.js';
import { UpdateJobDto } from './update-job.dto.js';
import { withoutAnswers } from './without-answers.js';
import { withoutNullOptions, withoutNulls } from './without-nulls.js';

const NO_BODY: Fault = { field: 'body', problem: 'must be a JSON object, and there is none' };

/** Makes of a body what the engine takes, or says everything that is wrong with it. */
export class JobBodyReader {
  constructor(private readonly scheduler: SchedulerService) {}

  /** @throws InvalidBodyException */
  definition(body: unknown): JobDefinition {
    const { members, faults } = this.read(AddJobDto, body, withoutNulls);
    const definition = fromWireMembers(members) as unknown as JobDefinition;
    // The engine checks a definition anyway; only where there are faults already, its own must be asked for.
    if (faults.length > 0) faults.push(...engineFaults(() => this.scheduler.checkJob(definition)));
    if (faults.length > 0) throw new InvalidBodyException(subjectOf(members['id'], faults), faults);
    return definition;
  }

  /** @throws InvalidBodyException */
  changes(body: unknown, job: Job): JobChanges {
    if (body === undefined) throw new InvalidBodyException('Invalid request', [NO_BODY]);
    const current = jobToDict(job);
    const given = isPlainObject(body) ? changedMembers(body, current) : body;
    const { members, faults } = this.read(UpdateJobDto, given, withoutNullOptions);
    faults.push(...this.argumentFaults(job, members));
    for (const fixed of ['id', 'jobstore'] as const) {
      // What is still there is not what the job has.
      if (typeof members[fixed] === 'string') faults.push({ field: fixed, problem: 'cannot be changed' });
    }
    const { jobStore: _, ...changes } = fromWireMembers(members);
    if (faults.length > 0) faults.push(...engineFaults(() => this.scheduler.checkChanges(job.id, changes)));
    if (faults.length > 0) throw new InvalidBodyException(`Invalid changes to job ${show(job.id)}`, faults);
    return changes;
  }

  /** Other arguments for a task that is kept off this API would call it like any other. */
  argumentFaults({ task }: Job, given: Readonly<Record<string, unknown>>): readonly Fault[] {
    if (!this.scheduler.tasks.has(task) || this.scheduler.tasks.isOpenToRest(task)) return [];
    return ['args', 'kwargs']
      .filter((field) => given[field] !== undefined)
      .map((field) => ({ field, problem: `cannot be given: the task ${show(task)} is kept off this API` }));
  }

  private read<T extends JobFieldsDto & { func?: string }>(
    type: Type<T>,
    body: unknown,
    given: (body: unknown) => unknown,
  ) {
    const faults: Fault[] = [];
    const read = readDto(type, given(flattenTrigger(withoutAnswers(body), faults)));
    faults.push(...read.faults, ...this.moreFaults(read.dto));
    const members = Object.fromEntries(Object.entries(read.dto).filter(([, value]) => value !== undefined));
    const withRetry = readRetryMember(members, this.scheduler.predicates, faults);
    return { members: readNestedTriggers(withRetry, faults), faults };
  }

  private *moreFaults(dto: JobFieldsDto & { func?: string }): Iterable<Fault> {
    const { func, trigger } = dto;
    if (typeof func === 'string' && !this.scheduler.tasks.has(func)) {
      yield { field: 'func', problem: `names no registered task, got ${show(func)}` };
    } else if (typeof func === 'string' && !this.scheduler.tasks.isOpenToRest(func)) {
      yield { field: 'func', problem: `names a task that is kept off this API, got ${show(func)}` };
    }
    if (trigger !== undefined) return;
    for (const [field, value] of Object.entries(dto)) {
      if (value !== undefined && TRIGGER_MEMBERS.has(field)) yield { field, problem: 'needs a trigger beside it' };
    }
  }
}

/** As the engine says it, unless the id itself cannot be one. */
function subjectOf(id: unknown, faults: readonly Fault[]): string {
  const isNamed = typeof id === 'string' && !faults.some(({ field }) => field === 'id');
  return isNamed ? `Invalid job ${show(id)}` : 'Invalid job';
}
