import type { GetStatsResponse, Job } from '../../../../client/index.js';
import { client } from '../../api.js';
import { now } from '../../clock.js';
import { Card, Empty, Shown, Time } from '../../components/basics.js';
import { useLoad } from '../../load.js';
import { href } from '../../router.js';

/** To look for them the store may go through all of its jobs: seldom, unless their numbers have changed. */
const AGAIN_MS = 30_000;

/** Jobs that do not run, and why. */
export function HeldCard({ stats }: { stats: GetStatsResponse | undefined }) {
  const held = useLoad(
    'held',
    async (signal) => {
      const [waiting, paused] = await Promise.all([
        client.getJobs({ state: ['waiting'], limit: 6 }, { signal }),
        client.getJobs({ state: ['paused'], limit: 6 }, { signal }),
      ]);
      return [...waiting.jobs, ...paused.jobs] as Job[];
    },
    `${stats?.jobs.waiting} ${stats?.jobs.paused} ${Math.floor(now.value / AGAIN_MS)}`,
  );
  return (
    <Card title="Waiting and paused" flush>
      <Shown of={held}>
        {(jobs) =>
          jobs.length === 0 ? (
            <Empty title="No job is waiting or paused" />
          ) : (
            <table class="cards">
              <tbody>
                {jobs.map((job) => (
                  <tr key={job.id}>
                    <td class="cell-name">
                      <a href={href(['jobs', job.id])}>{job.id}</a>
                    </td>
                    <td>
                      <HeldBy job={job} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Shown>
    </Card>
  );
}

function HeldBy({ job }: { job: Job }) {
  if (job.waiting_for !== null) return <span>Waits for {job.waiting_for}</span>;
  if (!job.pause) return <span>Its declaration says that it is not enabled</span>;
  const { since, actor, note, reason } = job.pause;
  return (
    <span>
      Paused {reason === 'failures' ? 'after failures' : actor === null ? '' : `by ${actor}`}{' '}
      <Time at={since} relative />
      {note !== null && <span class="quiet"> · {note}</span>}
    </span>
  );
}
