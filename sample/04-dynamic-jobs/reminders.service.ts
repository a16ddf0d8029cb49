import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { type Job, SchedulerService, Task } from 'nestjs-apscheduler';

export interface Reminder {
  readonly id: string;
  readonly user: string;
  readonly text: string;
  readonly at: string;
}

/** Users' reminders: each is a job, stored by the scheduler. */
@Injectable()
export class RemindersService {
  private readonly logger = new Logger(RemindersService.name);

  constructor(private readonly scheduler: SchedulerService) {}

  async remind(user: string, text: string, at: Date): Promise<Reminder> {
    const id = jobId(user, randomUUID());
    const job = await this.scheduler.addJob({ id, task: 'remind', trigger: 'date', runDate: at, args: [user, text] });
    return toReminder(job);
  }

  async of(user: string): Promise<Reminder[]> {
    const jobs = await this.scheduler.getJobs();
    return jobs.filter(({ id }) => id.startsWith(jobId(user, ''))).map(toReminder);
  }

  /** @throws JobLookupError */
  async forget(user: string, id: string): Promise<void> {
    await this.scheduler.removeJob(jobId(user, id));
  }

  @Task('remind')
  send(user: string, text: string): void {
    this.logger.log(`Dear ${user}, remember: ${text}`);
  }
}

/** Encoded, so that a user's name cannot match the ids of another user. */
function jobId(user: string, id: string): string {
  return `reminder/${encodeURIComponent(user)}/${id}`;
}

function toReminder({ id: path, args, nextRunTime }: Job): Reminder {
  const [user, text] = args as [string, string];
  const id = path.slice(jobId(user, '').length);
  return { id, user, text, at: nextRunTime === null ? 'now' : new Date(nextRunTime).toISOString() };
}
