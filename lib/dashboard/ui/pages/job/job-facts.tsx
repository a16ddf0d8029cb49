import type { Job } from '../../../../client/index.js';
import { Card, Facts, Json } from '../../components/basics.js';
import { count, duration, plural } from '../../format.js';
import { href } from '../../router.js';

const OVERLAPS = {
  skip: 'further ones are skipped',
  queue: 'further ones wait',
  replace: 'a new one cancels the oldest',
  allow: 'more run anyway',
} as const;

function retryText({ attempts, delay, backoff }: NonNullable<Job['retry']>): string {
  const wait =
    delay === undefined
      ? ''
      : `, ${duration(delay)} apart${backoff === 'exponential' ? ' at first, then longer each time' : ''}`;
  return `up to ${plural(attempts, 'attempt')}${wait}`;
}

/** What a job is, and by what rules it runs. */
export function JobFacts({ job }: { job: Job }) {
  const { retry } = job;
  return (
    <Card title="Job">
      <Facts
        of={[
          job.name !== job.id && ['Name', job.name],
          job.description !== null && ['Description', job.description],
          ['Task', <a href={href(['jobs'], { func: job.func })}>{job.func}</a>],
          [
            'Arguments',
            job.args.length === 0 && Object.keys(job.kwargs).length === 0 ? (
              'none'
            ) : (
              <Json
                value={
                  job.args.length > 0 && Object.keys(job.kwargs).length === 0
                    ? job.args
                    : { args: job.args, kwargs: job.kwargs }
                }
              />
            ),
          ],
          job.tags.length > 0 && ['Tags', <Tags tags={job.tags} />],
          Object.keys(job.metadata).length > 0 && ['Metadata', <Json value={job.metadata} />],
          ['Job store', job.jobstore],
          ['Executor', job.executor],
          ['At once', `at most ${plural(job.max_instances ?? 1, 'run')}; ${OVERLAPS[job.overlap ?? 'skip']}`],
          [
            'Late runs',
            job.misfire_grace_time === null || job.misfire_grace_time === undefined
              ? 'run, however late'
              : `run up to ${duration(job.misfire_grace_time)} late`,
          ],
          [
            'Missed times',
            job.coalesce === false
              ? 'one run for each'
              : job.coalesce === 'earliest'
                ? 'one run, for the earliest'
                : 'one run, for the latest',
          ],
          job.timeout !== null && job.timeout !== undefined && ['Time limit', duration(job.timeout)],
          retry !== null && retry !== undefined && ['Retries', retryText(retry)],
          job.max_runs !== null && ['Runs left', `${count(job.runs_left ?? 0)} of ${count(job.max_runs)}`],
          job.pause_after_failures !== null && [
            'Pauses after',
            `${plural(job.pause_after_failures, 'failure')} in a row (${job.failures} so far)`,
          ],
        ]}
      />
    </Card>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <span class="row">
      {tags.map((tag) => (
        <a key={tag} class="tag" href={href(['jobs'], { tag })}>
          {tag}
        </a>
      ))}
    </span>
  );
}
