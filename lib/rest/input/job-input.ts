import { isDeepStrictEqual } from 'node:util';
import type { Fault } from '../../engine/errors.js';
import type { JobChanges, JobDefinition } from '../../engine/jobs/job-definition.js';
import { HIDDEN, withoutSecrets } from '../../engine/model/argument-schema.js';
import type { Job } from '../../engine/model/job.js';
import type { RunJobOptions } from '../../engine/jobs/run-options.js';
import { show } from '../../engine/util/inspect.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { SchedulerService } from '../../module/scheduler.service.js';
import { AddJobDto, PutJobDto, RetryDto, UpdateJobDto, type JobFieldsDto } from '../dto/job.dto.js';
import { RunJobDto, RunJobQueryDto } from '../dto/run.dto.js';
import { fromDto } from '../wire/case.js';
import { toJsonValue } from '../../engine/model/json-value.js';
import { TRIGGER_MEMBERS } from '../wire/open-trigger.js';
import { InputPipe } from './input.pipe.js';
import { InvalidInputException } from './invalid-input.exception.js';

const UNCHANGEABLE = {
  id: 'cannot be changed',
  jobstore: 'cannot be changed',
  enabled: 'cannot be changed: it is what the declaration of the job says',
  paused: 'cannot be changed here: use /pause and /resume of the job',
} as const;

/** What bodies say beside what a job has. */
interface Unkept {
  readonly note?: string;
  readonly paused?: boolean;
}

type Members = Readonly<Record<string, unknown>>;

/** The input of jobs as the engine takes it. Each method throws an InvalidInputException that names every fault. */
export class JobInput {
  constructor(private readonly scheduler: SchedulerService) {}

  /** @param id - in the path of the request, where the body need not repeat it. */
  definition(body: unknown, id?: string): JobDefinition {
    const toDefinition = (dto: AddJobDto): JobDefinition => {
      const { note: _note, paused: _, ...definition } = fromDto(dto) as JobDefinition & Unkept;
      return id === undefined ? definition : { ...definition, id };
    };
    const pipe = new InputPipe<AddJobDto>(id === undefined ? AddJobDto : PutJobDto, {
      subject: ({ id }, faults) => {
        const isNamed = id !== undefined && !faults.some(({ field }) => field === 'id');
        return isNamed ? `Invalid job ${show(id)}` : 'Invalid job';
      },
      findFaults: (dto) => [
        ...this.registryFaults(dto),
        ...this.placeholderFaults(dto, dto.func),
        ...pauseFaults(dto),
        ...(id === undefined ? [] : pathFaults(dto, id)),
      ],
      checkByEngine: (dto) => this.scheduler.checkJob(toDefinition(dto)),
    });
    return toDefinition(pipe.transform(body));
  }

  /** @param shown - the job as it was shown: what is sent back so is no change. */
  changes(body: unknown, job: Job, shown: Members): JobChanges {
    if (body === undefined) {
      const problem = 'must be a JSON object, and there is none';
      throw new InvalidInputException('Invalid request', [{ field: 'body', problem }]);
    }
    const toChanges = (dto: UpdateJobDto): JobChanges => {
      const {
        jobStore: _,
        enabled: _enabled,
        note: _note,
        paused: _paused,
        ...changes
      } = fromDto(dto) as JobChanges & JobDefinition & Unkept;
      return changes;
    };
    const pipe = new InputPipe(UpdateJobDto, {
      subject: () => `Invalid changes to job ${show(job.id)}`,
      findFaults: (dto) => [
        ...this.registryFaults(dto),
        ...this.argumentFaults(dto, job),
        ...this.placeholderFaults(dto, dto.func ?? job.task),
        ...hiddenFaults(dto, job, shown),
        // Values that the job has are not among the changes.
        ...(['id', 'jobstore', 'enabled', 'paused'] as const)
          .filter((field) => dto[field] !== undefined)
          .map((field) => ({ field, problem: UNCHANGEABLE[field] })),
      ],
      checkByEngine: (dto) => this.scheduler.checkChanges(job.id, toChanges(dto)),
    });
    return toChanges(pipe.transform(isPlainObject(body) ? changedMembers(body, shown) : body));
  }

  run(body: unknown, query: unknown, job: Job): RunJobOptions & { readonly wait: boolean } {
    const { dto, faults } = new InputPipe(RunJobQueryDto).check(query);
    const pipe = new InputPipe(RunJobDto, {
      subject: () => `Invalid run of job ${show(job.id)}`,
      findFaults: (call) => [...faults, ...this.argumentFaults(call, job), ...this.placeholderFaults(call, job.task)],
    });
    const { note: _, ...call } = fromDto(pipe.transform(body)) as RunJobOptions & Unkept;
    return { ...call, jobStore: job.jobStore, wait: dto.wait ?? true };
  }

  /** What keeps a job of an export from being added over this API, where its task must be known; by the names of exports. */
  importFaults({ kwargs, retry, task }: JobDefinition): readonly Fault[] {
    const func = typeof task === 'string' ? task : undefined;
    const faults = [
      ...this.registryFaults({ ...(func !== undefined && { func }) }),
      ...this.placeholderFaults({ ...(kwargs && { kwargs }) }, func),
    ].map((fault) => (fault.field === 'func' ? { ...fault, field: 'task' } : fault));
    const retryIf = isPlainObject(retry) ? retry['retryIf'] : undefined;
    if (typeof retryIf !== 'string' || this.scheduler.predicates.has(retryIf)) return faults;
    return [...faults, { field: 'retry.retryIf', problem: `names no registered predicate, got ${show(retryIf)}` }];
  }

  private *registryFaults({
    func,
    retry,
    trigger,
    ...dto
  }: JobFieldsDto & { readonly func?: string }): Iterable<Fault> {
    const { predicates, tasks } = this.scheduler;
    if (typeof func === 'string' && !tasks.has(func)) {
      yield { field: 'func', problem: `names no registered task, got ${show(func)}` };
    } else if (typeof func === 'string' && !tasks.isOpenToRest(func)) {
      yield { field: 'func', problem: `names a task that is kept off this API, got ${show(func)}` };
    }
    const predicate = retry instanceof RetryDto ? retry.retry_if : undefined;
    // Tasks cannot be predicates: one would run without a run and its history.
    if (typeof predicate === 'string' && !predicates.has(predicate)) {
      yield { field: 'retry.retry_if', problem: `names no registered predicate, got ${show(predicate)}` };
    }
    if (trigger !== undefined) return;
    for (const [field, value] of Object.entries(dto)) {
      if (value !== undefined && TRIGGER_MEMBERS.has(field)) yield { field, problem: 'needs a trigger beside it' };
    }
  }

  /** What was shown in place of a secret must not become one. */
  private placeholderFaults({ kwargs }: RunJobDto, task: unknown): readonly Fault[] {
    const schema = typeof task === 'string' ? this.scheduler.tasks.schemaOf(task) : null;
    const secrets: unknown[] = [];
    if (schema) withoutSecrets(kwargs, schema.jsonSchema, (secret) => secrets.push(secret));
    if (!secrets.includes(HIDDEN)) return [];
    return [{ field: 'kwargs', problem: `has ${HIDDEN} in place of a secret: give the secret, or leave kwargs out` }];
  }

  /** With other arguments, a task that is kept off this API could be called like any other. */
  private argumentFaults(given: RunJobDto, { task }: Job): readonly Fault[] {
    if (!this.scheduler.tasks.has(task) || this.scheduler.tasks.isOpenToRest(task)) return [];
    return (['args', 'kwargs'] as const)
      .filter((field) => given[field] !== undefined)
      .map((field) => ({ field, problem: `cannot be given: the task ${show(task)} is kept off this API` }));
  }
}

function pauseFaults({ paused, enabled, next_run_time: next }: AddJobDto): readonly Fault[] {
  if (!paused || next === null || enabled === false) return [];
  return [{ field: 'paused', problem: 'needs next_run_time null beside it: a job is added paused by that' }];
}

/** Of a job that takes the place of whatever has its id. */
function* pathFaults(dto: AddJobDto, id: string): Iterable<Fault> {
  if (dto.id !== undefined && dto.id !== id)
    yield { field: 'id', problem: `must be that of the path, ${show(id)}, or left out; got ${show(dto.id)}` };
  if (dto.replace_existing !== undefined) {
    yield { field: 'replace_existing', problem: 'cannot be given: PUT always replaces' };
  }
}

/** Another task could show the arguments that are hidden. */
function hiddenFaults(changes: UpdateJobDto, job: Job, shown: Members): readonly Fault[] {
  if (changes.func === undefined) return [];
  const isHidden = (field: 'args' | 'kwargs'): boolean =>
    changes[field] === undefined && !isDeepStrictEqual(shown[field], toJsonValue(job[field]));
  return (['args', 'kwargs'] as const)
    .filter(isHidden)
    .map((field) => ({ field, problem: 'must be given with another func: those of the job are hidden' }));
}

/**
 * The members that differ from the job, so that a response can be sent back whole: that changes neither the job's phase nor
 * its pause, nor a task that only this process knows.
 *
 * The schedule is compared as a whole: a trigger without its next run time asks for a new one.
 */
function changedMembers(members: Members, current: Members): Members {
  const isOfSchedule = (name: string): boolean =>
    name === 'trigger' || name === 'next_run_time' || TRIGGER_MEMBERS.has(name);
  const isSame = (name: string): boolean => isDeepStrictEqual(members[name], current[name]);
  const schedule = Object.keys(members).filter(isOfSchedule);
  const isSameSchedule = schedule.length === Object.keys(current).filter(isOfSchedule).length && schedule.every(isSame);
  const changed = ([name]: [string, unknown]): boolean => !(isOfSchedule(name) ? isSameSchedule : isSame(name));
  return Object.fromEntries(Object.entries(members).filter(changed));
}
