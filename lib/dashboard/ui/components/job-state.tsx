import type { Job } from '../../../client/index.js';
import { Badge } from './basics.js';

/** The state of a job, as the list's filter has it. */
export function JobState({ job }: { job: Job }) {
  if (job.unreadable !== undefined) return <Badge state="unreadable" />;
  if (job.last_run?.state === 'running') return <Badge state="running" />;
  if (job.paused) return <Badge state="paused" />;
  return <Badge state={job.waiting_for === null ? 'scheduled' : 'waiting'} />;
}
