import { NotFoundError, SchedulerClient, type Job } from 'nestjs-apscheduler/client';

const client = new SchedulerClient({ url: 'http://localhost:3000/scheduler', username: 'admin', password: 'secret' });

/** The names of paused jobs. */
export async function pausedJobs(): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { name } of client.listJobs({ state: ['paused'], sort: '-last_run' })) names.push(name);
  return names;
}

export async function triggerOf(id: string): Promise<string> {
  try {
    const job: Job = await client.getJob(id);
    return job.trigger;
  } catch (error) {
    if (error instanceof NotFoundError) return 'none';
    throw error;
  }
}
