import { describe, expect, it } from 'vitest';
import type { Job } from '../../../lib/client/index.js';
import { bodyOf, changesOf, draftOfJob, EMPTY, type JobDraft } from '../../../lib/dashboard/ui/form/job-draft.js';

const withOptions = (draft: JobDraft, options: JobDraft['options']): JobDraft => ({
  ...draft,
  options: { ...draft.options, ...options },
});

/** A job as the API shows it. */
const JOB = {
  ...{ id: 'a', name: 'a', func: 'quick', args: [], kwargs: {}, tags: [], metadata: {} },
  ...{ trigger: 'interval', minutes: 5, misfire_grace_time: 60 },
  retry: { attempts: 3, delay: 5, backoff: 'fixed', max_delay: 3600, jitter: 0 },
} as unknown as Job;

describe('The draft of a job', () => {
  it('makes one policy of the fields about retries, of those that are filled in', () => {
    expect(bodyOf(EMPTY)).not.toHaveProperty('retry');
    const draft = withOptions(EMPTY, { 'retry.attempts': '4', 'retry.delay': '1m', 'retry.jitter': '0.5' });
    expect(bodyOf(draft)).toHaveProperty('retry', { attempts: 4, delay: '1m', jitter: 0.5 });
  });

  it('sends a wrong number as it is: the API says what is wrong with it', () => {
    const draft = withOptions(EMPTY, { 'retry.attempts': 'many', 'retry.backoff': 'fixed' });
    expect(bodyOf(draft)).toHaveProperty('retry', { attempts: 'many', backoff: 'fixed' });
  });

  it('has a field for each member of the policy that a job has', () => {
    expect(draftOfJob(JOB).options).toMatchObject({
      ...{ 'retry.attempts': '3', 'retry.delay': '5', 'retry.backoff': 'fixed' },
      ...{ 'retry.max_delay': '3600', 'retry.jitter': '0' },
    });
  });

  it('changes retries only where one of these fields has changed, and takes them away when all are empty', () => {
    const before = draftOfJob(JOB);
    expect(changesOf(withOptions(before, { description: 'x' }), before)).toEqual({ description: 'x' });
    expect(changesOf(withOptions(before, { 'retry.attempts': '5' }), before)).toEqual({
      retry: { attempts: 5, delay: 5, backoff: 'fixed', max_delay: 3600, jitter: 0 },
    });
    const none = Object.fromEntries(
      Object.keys(before.options).flatMap((name) => (name.startsWith('retry.') ? [[name, '']] : [])),
    );
    expect(changesOf(withOptions(before, none), before)).toEqual({ retry: null });
  });
});
