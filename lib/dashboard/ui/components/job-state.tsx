import type { Job } from '../../../client/index.js';
import { Badge } from './basics.js';
import { isActive } from './outcomes.js';

/** The state of a job, as the list's filter has it. */
export function JobState({ job }: { job: Job }) {
  if (job.unreadable !== undefined) return <Badge state="unreadable" />;
  if (isActive(job.last_run?.state ?? '')) return <Badge state="running" />;
  if (job.paused) return <Badge state="paused" />;
  return <Badge state={job.waiting_for === null ? 'scheduled' : 'waiting'} />;
}
