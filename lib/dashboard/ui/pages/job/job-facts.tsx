import type { Job } from '../../../../client/index.js';
import { Card, Facts, Json } from '../../components/basics.js';
import {
  atOnceText,
  failuresText,
  fieldName,
  lateText,
  missedText,
  overlapText,
  retryText,
} from '../../components/job-words.js';
import { count, duration } from '../../format.js';
import { href } from '../../router.js';

/** What a job is, and by what rules it runs. */
export function JobFacts({ job }: { job: Job }) {
  const { retry } = job;
  return (
    <Card title="Job">
      <Facts
        of={[
          job.name !== job.id && ['Name', job.name],
          job.description !== null && ['Description', job.description],
          [fieldName('func'), <a href={href(['jobs'], { func: job.func })}>{job.func}</a>],
          [
            fieldName('args'),
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
          [fieldName('jobstore'), job.jobstore],
          ['Executor', job.executor],
          [fieldName('max_instances'), `${atOnceText(job.max_instances ?? 1)}; ${overlapText(job.overlap ?? 'skip')}`],
          [fieldName('misfire_grace_time'), lateText(job.misfire_grace_time)],
          [fieldName('coalesce'), missedText(job.coalesce)],
          job.timeout !== null && job.timeout !== undefined && [fieldName('timeout'), duration(job.timeout)],
          retry !== null && retry !== undefined && [fieldName('retry'), retryText(retry)],
          job.max_runs !== null && ['Runs left', `${count(job.runs_left ?? 0)} of ${count(job.max_runs)}`],
          job.pause_after_failures !== null && [
            fieldName('pause_after_failures'),
            `${failuresText(job.pause_after_failures)} (${job.failures} so far)`,
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
