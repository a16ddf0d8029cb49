import type { GetStatsResponse, Health } from '../../../../client/index.js';
import { can, client } from '../../api.js';
import { currentTime } from '../../clock.js';
import { Badge, Card, Empty, PageHead, Shown } from '../../components/basics.js';
import { GROUPS, sumOf } from '../../components/outcomes.js';
import { RunTable } from '../../components/run-parts.js';
import { count, duration } from '../../format.js';
import { useLoad } from '../../load.js';
import { href } from '../../router.js';
import { HeldCard } from './held-card.js';
import { OutcomesCard } from './outcomes-card.js';
import { TimelineCard } from './timeline-card.js';

const ACTIVE = 20;

/** What is going on: at one glance, and on one page. */
export function OverviewPage() {
  const stats = useLoad('stats', can('runs.read') ? (signal) => client.getStats({ signal }) : null);
  const health = useLoad('health', (signal) => client.getHealth({ signal }));
  return (
    <>
      <PageHead title="Overview">{health.data && <Badge state={health.data.status} />}</PageHead>
      <div class="stack">
        <Problems health={health.data} />
        {stats.data && <Figures stats={stats.data} />}
        {can('jobs.read') && <TimelineCard stats={stats.data} />}
        {can('runs.read') && <Active />}
        <div class="columns">
          {can('runs.read') && <OutcomesCard stats={stats} />}
          {can('jobs.read') && <HeldCard stats={stats.data} />}
        </div>
      </div>
    </>
  );
}

/** What keeps jobs from running, and why. */
function Problems({ health }: { health: Health | undefined }) {
  if (!health) return null;
  const problems = Object.entries(health.jobstores).flatMap(([alias, store]) => {
    if (store.status === 'failing') return [`The job store “${alias}” fails: ${store.reason ?? 'no reason is known'}`];
    if (store.behind) return [`Jobs of the store “${alias}” run ${duration(store.lateness)} late`];
    return [];
  });
  if (health.state !== 'running') problems.unshift(`The scheduler is ${health.state}: no job runs by its schedule`);
  if (problems.length === 0) return null;
  return (
    <div class="warn-note" role="status">
      {problems.map((problem) => (
        <p key={problem}>{problem}</p>
      ))}{' '}
      <a href={href(['cluster'])}>Nodes and stores</a>
    </div>
  );
}

const dayAgo = (): string => new Date(currentTime() - 86_400_000).toISOString();

const STATES = { scheduled: 'Scheduled', running: 'Running', paused: 'Paused', waiting: 'Waiting for a task' } as const;

function Figures({ stats: { jobs, last_hour: hour, last_day: day } }: { stats: GetStatsResponse }) {
  const figure = (value: string, label: string, to?: string) =>
    to === undefined ? (
      <div class="figure">
        <b>{value}</b>
        <span>{label}</span>
      </div>
    ) : (
      <a class="figure" href={to}>
        <b>{value}</b>
        <span>{label}</span>
      </a>
    );
  const state = (name: keyof typeof jobs) => figure(count(jobs[name]), STATES[name], href(['jobs'], { state: name }));
  return (
    <div class="figures">
      {state('scheduled')}
      {state('running')}
      {state('paused')}
      {state('waiting')}
      {figure(count(sumOf(day.outcomes, 'succeeded')), 'Succeeded in 24 hours')}
      {figure(
        count(sumOf(day.outcomes, 'failed')),
        'Failed in 24 hours',
        href(['runs'], { state: GROUPS.failed.filter((one) => one !== 'unreadable'), from: dayAgo() }),
      )}
      {figure(hour.duration ? duration(hour.duration.p95) : '–', 'Duration (p95), last hour')}
      {figure(hour.lateness ? duration(hour.lateness.p95) : '–', 'Lateness (p95), last hour')}
    </div>
  );
}

function Active() {
  const running = useLoad('active', (signal) =>
    client.getRuns({ state: [...GROUPS.running, ...GROUPS.handed_over], limit: ACTIVE }, { signal }),
  );
  return (
    <Card title="Running now" flush aside={<a href={href(['runs'])}>All runs</a>}>
      <Shown of={running}>
        {({ runs }) =>
          runs.length === 0 ? <Empty title="Nothing is running at the moment" /> : <RunTable runs={runs} withJob />
        }
      </Shown>
    </Card>
  );
}
