import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.js';
import { InvalidInputError } from '../errors.js';
import type { TaskReference } from './job-definition.js';
import { nominalTimeOf, type Random } from '../triggers/jitter.js';
import { isPaused, pauseMark, withAttributes, withoutPause, withPast, type PauseReason } from './job-attributes.js';
import type { JobInput } from './job-input.js';
import type { ResolvedJobDefaults } from './job-options.js';
import type { RetryPolicy } from '../model/job-policies.js';
import type { JobRecord, JobSchedule, Declaration } from '../model/job.js';
import type { TaskFunction } from '../model/task.js';
import type { Logger } from '../logger.js';
import { compareReleases } from './releases.js';
import { NewRecord } from './new-record.js';
import { firstRun } from '../dispatch/plan.js';
import { retimed, type RetimeParts } from './retimed-job.js';
import type { TaskRegistry } from '../executors/tasks.js';
import { parseDate } from '../time/iso-date.js';
import { DateTrigger } from '../triggers/date.trigger.js';
import { neverFires } from '../triggers/never-fires.js';
import { sameTrigger } from '../triggers/same-trigger.js';
import type { Trigger } from '../triggers/trigger.js';

export interface JobFactoryParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly timezone: string;
  readonly tasks: TaskRegistry;
  readonly predicates: TaskRegistry;
  readonly defaults: ResolvedJobDefaults;
}

/** Makes records of what users give, and changes them. */
export class JobFactory {
  /** Ids of declared jobs whose zone differs from this node's default: a warning each. */
  private readonly pinned = new Set<string>();

  constructor(private readonly parts: JobFactoryParts) {}

  /**
   * A new record, scheduled.
   *
   * @throws InvalidInputError when its trigger will never fire.
   */
  create(input: JobInput & { readonly task: TaskReference }): JobRecord {
    const { clock, defaults } = this.parts;
    const now = clock.now();
    const id = input.id ?? randomUUID();
    const given = input.trigger ?? new DateTrigger({});
    const trigger = this.anchor(given, now);
    const { task, handler } = this.taskOf(input.task);
    const startOpen = input.imported?.startOpen ?? isStartOpen(given);
    const retry = this.named(input.retry === undefined ? defaults.retry : input.retry);
    const schedule = this.schedule(id, trigger, input, now);
    const held = input.enabled === false ? PAUSED : schedule;
    const record = withAttributes(new NewRecord(id, task, trigger, startOpen, retry, held, input, defaults), input);
    const { imported } = input;
    const declaredBy = input.declares ?? imported?.declaredBy;
    if (!handler && !declaredBy && !imported) return record;
    return {
      ...record,
      ...(handler && { handler }),
      ...(declaredBy && { declaredBy }),
      ...(imported?.pause && { pause: imported.pause }),
      ...(imported?.runsLeft !== undefined && { runsLeft: imported.runsLeft }),
    };
  }

  /**
   * What a job becomes when a definition with its id takes its place. An unchanged trigger keeps its next run, a changed
   * one goes on from the last nominal time, and a pause outlives any declaration (what an operator has paused, a restart
   * does not resume). An earlier release's declaration leaves a job as a later one has declared it.
   *
   * @returns the current record itself when nothing is different.
   */
  replace(current: JobRecord, incoming: JobRecord, input: JobInput): JobRecord {
    if (input.declares && isSuperseded(input.declares, current.declaredBy)) return current;
    incoming = withLatestMark(this.inZoneOf(current, incoming, input), current.declaredBy);
    if (input.nextRunTime !== undefined) return incoming;
    incoming = withPast(incoming, current);
    const kept = sameTrigger(current.trigger, incoming.trigger, current.startOpen ? input.trigger : current.trigger);
    if (incoming.enabled === false || current.enabled === false) {
      const next = this.switched(current, kept ? { ...incoming, trigger: current.trigger } : incoming, kept);
      return isDeepStrictEqual(plain(next), plain(current)) ? current : next;
    }
    const ended = current.nextRunTime === null && !current.paused;
    // A declaration that is the same has nothing to add to a job whose last run is under way.
    const next =
      ended && !(kept && input.declares)
        ? incoming
        : kept
          ? { ...incoming, ...scheduleOf(current), trigger: current.trigger }
          : retimed(current, incoming, input.trigger ?? incoming.trigger, {
              ...this.retimeParts,
              timezone: incoming.trigger.timezone,
            });
    return isDeepStrictEqual(plain(next), plain(current)) ? current : next;
  }

  /**
   * A record with changes applied. A new trigger makes a new next run time.
   *
   * @throws InvalidInputError when a new trigger will never fire, or the task does not take the arguments.
   */
  change(current: JobRecord, input: JobInput): JobRecord {
    const {
      id: _id,
      jobStore: _jobStore,
      replaceExisting: _replace,
      task,
      trigger: given,
      nextRunTime,
      ...options
    } = input;
    const now = this.parts.clock.now();
    const trigger = given ? this.anchor(given, now) : current.trigger;
    const schedule = given || nextRunTime !== undefined ? this.schedule(current.id, trigger, input, now) : {};
    const { handler: _handler, ...base } = current;
    const changed = {
      ...(task === undefined ? current : base),
      ...options,
      ...(options.retry !== undefined && { retry: this.named(options.retry) }),
      ...(task !== undefined && this.taskOf(task)),
      trigger,
      ...(given && { startOpen: isStartOpen(given) }),
      ...schedule,
    };
    // What a task takes is known of the job as it will be: either may be changed alone.
    if (task !== undefined || options.args || options.kwargs) this.assertArguments(changed);
    const next = withAttributes(changed, input);
    if (nextRunTime === null) return isPaused(current) ? next : { ...next, pause: pauseMark(now, {}) };
    if (nextRunTime === undefined && !given) return next;
    const going = withoutPause(next);
    return going.enabled === false ? { ...going, ...PAUSED } : going;
  }

  private assertArguments({ id, handler, task, args, kwargs }: JobRecord): void {
    const faults = handler ? [] : this.parts.tasks.argumentFaults(task, args, kwargs);
    if (faults.length > 0) throw new InvalidInputError(`Invalid changes to job "${id}"`, faults);
  }

  /**
   * Whether a definition's trigger has no time left, or only one that is past. A declaration comes back with each start of a
   * program, and a date that has gone by must not run again each time.
   */
  isPast({ trigger, nextRunTime }: JobInput): boolean {
    if (!trigger || nextRunTime !== undefined) return false;
    const now = this.parts.clock.now();
    const first = this.anchor(trigger, now).next(null, now);
    return first === null || first < now;
  }

  /** Whether a function has no registered name: only a store in this process can hold its jobs. */
  isAnonymous(task: TaskFunction): boolean {
    return this.parts.tasks.nameOf(task) === undefined;
  }

  /** Paused. Of a job that is paused already, another note or actor is kept. */
  pause(current: JobRecord, why: PauseReason = {}): JobRecord {
    if (this.hasEnded(current)) return current;
    const isKnown = current.pause && why.actor === undefined && why.note === undefined;
    const pause = isKnown ? current.pause : pauseMark(this.parts.clock.now(), why);
    return { ...current, ...PAUSED, ...(pause && { pause }) };
  }

  /**
   * Resumed from now on; null when its trigger has ended meanwhile. A job that is not paused stays as it is, and one that its
   * declaration holds as well does not run.
   */
  resume(current: JobRecord): JobRecord | null {
    if (!current.paused) return current;
    if (current.enabled === false) return withoutPause(current);
    const run = firstRun(current.id, current.trigger, this.parts.clock.now(), this.parts.random);
    if (!run) return null;
    return { ...withoutPause(current), nextRunTime: run.fireTime, nextNominalTime: run.nominalTime, paused: false };
  }

  /** Scheduled from now on: what a pending job becomes at the start, unless it was given a first run of its own. */
  reschedule(current: JobRecord): JobRecord | null {
    return this.resume({ ...current, paused: true });
  }

  /**
   * A declared job whose trigger names no zone stays in the one that it has: replicas with different default zones would
   * move it to and fro. A later release moves it.
   */
  private inZoneOf(current: JobRecord, incoming: JobRecord, input: JobInput): JobRecord {
    const [stored, own] = [current.trigger.timezone, incoming.trigger.timezone];
    const { declares, trigger: given } = input;
    if (!declares || stored === own || !given?.anchor) return incoming;
    if (compareReleases(declares.release, current.declaredBy?.release ?? null) > 0) return incoming;
    const { clock, logger } = this.parts;
    const trigger = given.anchor({ now: clock.now(), timezone: stored });
    if (trigger.timezone !== stored) return incoming;
    if (!this.pinned.has(current.id)) {
      this.pinned.add(current.id);
      logger.warn(
        `Job "${current.id}" stays in time zone ${stored}, in which it was declared first; this node's default is ${own}. ` +
          `Give its trigger a timezone, or all nodes the same option timezone`,
      );
    }
    return { ...incoming, trigger, ...this.schedule(current.id, trigger, input, clock.now()) };
  }

  /** A job that its declaration holds, or does not hold any more. Then it goes on, unless somebody has paused it as well. */
  private switched(current: JobRecord, incoming: JobRecord, keepsTrigger: boolean): JobRecord {
    if (incoming.enabled === false) {
      const pause = isPaused(current) && !incoming.pause ? pauseMark(this.parts.clock.now(), {}) : undefined;
      return { ...incoming, ...PAUSED, ...(pause && { pause }) };
    }
    if (isPaused(current)) return { ...incoming, ...PAUSED };
    if (!keepsTrigger) return incoming;
    const run = firstRun(incoming.id, incoming.trigger, this.parts.clock.now(), this.parts.random);
    return run ? { ...incoming, nextRunTime: run.fireTime, nextNominalTime: run.nominalTime, paused: false } : incoming;
  }

  private get retimeParts(): RetimeParts {
    const { clock, timezone, random } = this.parts;
    return { now: clock.now(), timezone, random };
  }

  private hasEnded(job: JobRecord): boolean {
    return job.nextRunTime === null && !job.paused;
  }

  private anchor(trigger: Trigger, now: number): Trigger {
    return trigger.anchor?.({ now, timezone: this.parts.timezone }) ?? trigger;
  }

  private taskOf(task: TaskReference): Pick<JobRecord, 'task' | 'handler'> {
    if (typeof task === 'string') return { task };
    const name = this.parts.tasks.nameOf(task);
    return name === undefined ? { task: task.name || 'anonymous', handler: task } : { task: name };
  }

  /** With the name of its predicate, where that is a registered function. */
  private named(retry: RetryPolicy | null): RetryPolicy | null {
    const retryIf = retry?.predicate && this.parts.predicates.nameOf(retry.predicate);
    if (!retry || retryIf === undefined) return retry;
    const { predicate: _predicate, ...rest } = retry;
    return { ...rest, retryIf };
  }

  private schedule(id: string, trigger: Trigger, { nextRunTime }: JobInput, now: number): JobSchedule {
    if (nextRunTime === null) return PAUSED;
    if (nextRunTime !== undefined) {
      const { epochMs } = parseDate(nextRunTime, 'nextRunTime', trigger.timezone);
      return { nextRunTime: epochMs, nextNominalTime: nominalTimeOf(epochMs, trigger, id), paused: false };
    }
    const run = firstRun(id, trigger, now, this.parts.random);
    if (run === null) throw new InvalidInputError(`Invalid job "${id}"`, [neverFires(trigger)]);
    return { nextRunTime: run.fireTime, nextNominalTime: run.nominalTime, paused: false };
  }
}

const PAUSED: JobSchedule = { nextRunTime: null, nextNominalTime: null, paused: true };

function scheduleOf({ nextRunTime, nextNominalTime, paused }: JobRecord): JobSchedule {
  return { nextRunTime, nextNominalTime, paused };
}

function isStartOpen(given: Trigger): boolean {
  if (given.isStartOpen !== undefined) return given.isStartOpen;
  const json = given.toJSON();
  return !('startDate' in json) && !('runDate' in json);
}

function plain({ trigger, ...rest }: JobRecord): unknown {
  return { ...rest, trigger: trigger.toJSON() };
}

/** Whether a later release has declared the job: an instance of an earlier one, as in a rolling deployment, must not revert it. */
function isSuperseded({ release }: Declaration, current: Declaration | undefined): boolean {
  // Releases without names have no order: the last declaration counts.
  if (release === null || current === undefined || current.release === null) return false;
  return compareReleases(release, current.release) < 0;
}

/** Merges a declared job with the one that it replaces: the latest release that has declared either counts. */
function withLatestMark(incoming: JobRecord, current: Declaration | undefined): JobRecord {
  const { declaredBy } = incoming;
  if (!declaredBy || !current || compareReleases(declaredBy.release, current.release) >= 0) return incoming;
  return { ...incoming, declaredBy: current };
}
