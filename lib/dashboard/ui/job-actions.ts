import type { Job } from '../../client/index.js';
import { act } from './act.js';
import { can, client } from './api.js';
import { ask } from './components/dialog.js';

/** What can be done to one job; each asks first where it is not easily undone. */

export async function runNow(job: Job): Promise<void> {
  if (!can('jobs.run')) return;
  await act(`Started ${job.id}`, () => client.startRun(job.id));
}

/** Pauses a job, with a note, or resumes it. */
export async function togglePause(job: Job): Promise<void> {
  if (!can('jobs.pause')) return;
  if (job.pause) {
    await act(`Resumed ${job.id}`, () => client.resumeJob(job.id));
    return;
  }
  const answer = await ask({
    title: `Pause ${job.id}?`,
    text: 'It does not run by its schedule until somebody resumes it. It can be run by hand.',
    note: 'Note for others (optional)',
    confirm: 'Pause',
  });
  if (answer)
    await act(`Paused ${job.id}`, () => client.pauseJob(job.id, answer.note === '' ? {} : { note: answer.note }));
}

/** @returns whether it is gone. */
export async function remove(job: Job): Promise<boolean> {
  const answer = await ask({
    title: `Remove ${job.id}?`,
    text: 'The job is removed from its store and does not run any more. Its runs stay in the history for a while.',
    confirm: 'Remove',
    isDangerous: true,
  });
  return answer !== null && act(`Removed ${job.id}`, () => client.deleteJob(job.id));
}
