import { HttpException, HttpStatus } from '@nestjs/common';
import { InvalidInputError } from '../engine/errors.js';
import type { JobChanges, JobDefinition, TriggerInput } from '../engine/jobs/job-definition.js';
import type { PreviewedTime } from '../engine/jobs/preview.js';
import type { Job } from '../engine/model/job.js';
import { SECOND_MS } from '../engine/time/civil.js';
import { TRIGGER_OPTION_NAMES } from '../engine/triggers/option-names.js';
import type { Limits } from '../module/limit-options.js';
import type { SchedulerService } from '../module/scheduler.service.js';

/** How many fire times of a trigger are looked at. */
const LOOKED_AT = 100;
/** How old a count may be. */
const MAX_AGE_MS = 5 * SECOND_MS;
/** A count that takes long is made less often, so that counting takes at most a twentieth of the time. */
const REST_PER_COUNT = 20;

const TRIGGER_MEMBERS: ReadonlySet<string> = new Set(['trigger', ...Object.values(TRIGGER_OPTION_NAMES).flat()]);

/** How many jobs a job store has. */
interface StoreCount {
  /** When it was counted, and what was added since by this node. */
  jobs: number;
  /** How many are being added. */
  underWay: number;
  countedAt: number;
  tookMs: number;
  counting: Promise<void> | null;
}

/**
 * The limits of jobs that are added and changed over the REST API. What they refuse is a 429: nothing is wrong with the
 * request itself.
 */
export class JobLimits {
  private readonly counts = new Map<string, StoreCount>();

  constructor(
    private readonly scheduler: SchedulerService,
    private readonly limits: Pick<Limits, 'jobs' | 'minInterval'>,
  ) {}

  /**
   * Adds a job, by `add` where that is given, if the limits allow it. Nodes that share a store and add jobs at once may exceed `limits.jobs` by a few.
   *
   * @throws InvalidInputError; HttpException (429)
   */
  async add<T = Job>(
    definition: JobDefinition,
    add: () => Promise<T | Job> = () => this.scheduler.addJob(definition),
  ): Promise<T | Job> {
    // Counts are kept by store, of which a client may name any number.
    this.scheduler.checkJob(definition);
    await this.assertInterval(definition);
    const { jobStore = 'default' } = definition;
    const count = await this.countOf(jobStore);
    if (this.isFull(count) && !(await this.replaces(definition, jobStore))) {
      const { jobs } = this.limits;
      throw tooMany(`Job store "${jobStore}" has as many jobs as limits.jobs allows, ${jobs}: remove some first`);
    }
    count.underWay++;
    try {
      const job = await add();
      count.jobs++;
      return job;
    } finally {
      count.underWay--;
    }
  }

  /** @throws HttpException (429) if the trigger of a definition, or of changes, can fire too often. */
  async assertInterval(given: JobDefinition | JobChanges): Promise<void> {
    const { minInterval } = this.limits;
    const times = minInterval > 0 && given.trigger ? await this.timesOf(given) : [];
    const index = times.findIndex(({ time }, at) => at > 0 && time - timeAt(times, at - 1) < minInterval * SECOND_MS);
    if (index < 0) return;
    const distance = (timeAt(times, index) - timeAt(times, index - 1)) / SECOND_MS;
    throw tooMany(
      `The trigger fires ${distance} s after ${times[index - 1]?.iso}, and limits.minInterval is ${minInterval} s`,
    );
  }

  /** None if the trigger cannot be used: who adds the job says why. */
  private async timesOf(given: JobDefinition | JobChanges): Promise<readonly PreviewedTime[]> {
    const trigger = Object.fromEntries(Object.entries(given).filter(([name]) => TRIGGER_MEMBERS.has(name)));
    try {
      return (await this.scheduler.preview(trigger as unknown as TriggerInput, { count: LOOKED_AT })).times;
    } catch (error) {
      if (error instanceof InvalidInputError) return [];
      throw error;
    }
  }

  private isFull({ jobs, underWay }: StoreCount): boolean {
    return jobs + underWay >= this.limits.jobs;
  }

  private async replaces({ id, replaceExisting }: JobDefinition, jobStore: string): Promise<boolean> {
    if (!replaceExisting || id === undefined) return false;
    return (await this.scheduler.getJob(id, jobStore)) !== undefined;
  }

  private async countOf(jobStore: string): Promise<StoreCount> {
    const known = this.counts.get(jobStore);
    const count = known ?? { jobs: 0, underWay: 0, countedAt: -Infinity, tookMs: 0, counting: null };
    if (!known) this.counts.set(jobStore, count);
    if (this.isOutdated(count)) {
      count.counting ??= this.count(jobStore, count).finally(() => (count.counting = null));
      await count.counting;
    }
    return count;
  }

  /** A full store may have lost jobs since it was counted. */
  private isOutdated(count: StoreCount): boolean {
    const rest = count.tookMs * REST_PER_COUNT;
    return this.scheduler.clock.now() - count.countedAt >= (this.isFull(count) ? rest : Math.max(rest, MAX_AGE_MS));
  }

  private async count(jobStore: string, count: StoreCount): Promise<void> {
    const { clock } = this.scheduler;
    const begunAt = clock.now();
    count.jobs = await this.scheduler.countJobs(jobStore);
    count.countedAt = clock.now();
    count.tookMs = count.countedAt - begunAt;
  }
}

const timeAt = (times: readonly PreviewedTime[], index: number): number => (times[index] as PreviewedTime).time;

const tooMany = (message: string): HttpException => new HttpException(message, HttpStatus.TOO_MANY_REQUESTS);
