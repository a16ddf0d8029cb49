import type { Health, JobStoreHealth, SchedulerInfo, SchedulerNode } from '../../../../client/index.js';
import { can, client, info } from '../../api.js';
import { Badge, Card, Facts, PageHead, Shown, Time } from '../../components/basics.js';
import { duration } from '../../format.js';
import { now } from '../../clock.js';
import { useLoad } from '../../load.js';
import { activeRunsOf, NodesCard } from './nodes-card.js';
import { Orders } from './orders.js';

/** How often the stores are asked for their nodes: a heartbeat is no event. */
const NODES_MS = 3000;
const TASKS_MS = 30_000;

/** Nodes and job stores, and what stops or starts them. */
export function ClusterPage() {
  const health = useLoad('health', (signal) => client.getHealth({ signal }));
  const nodes = useLoad('nodes', (signal) => client.getNodes({ signal }), Math.floor(now.value / NODES_MS));
  const tasks = useLoad(
    'tasks of nodes',
    can('jobs.read') ? (signal) => client.getTasks({ signal }) : null,
    Math.floor(now.value / TASKS_MS),
  );
  return (
    <>
      <PageHead title="Nodes and stores" />
      <Shown of={health}>
        {(data) => (
          <div class="stack">
            {info.value && <Control health={data} info={info.value} nodes={nodes.data?.nodes ?? []} />}
            <Shown of={nodes}>{(found) => <NodesCard of={found} tasks={tasks.data} />}</Shown>
            <div class="columns">
              {Object.entries(data.jobstores).map(([alias, store]) => (
                <Store key={alias} alias={alias} store={store} />
              ))}
            </div>
          </div>
        )}
      </Shown>
    </>
  );
}

interface ControlProps {
  readonly health: Health;
  readonly info: SchedulerInfo;
  readonly nodes: readonly SchedulerNode[];
}

/** The node that answers, and all of them: each can be given orders. */
function Control({ health, info, nodes }: ControlProps) {
  const isShared = info.cluster_state !== null;
  const active = nodes.reduce((sum, node) => sum + activeRunsOf(node), 0);
  return (
    <div class="columns">
      <Card title={`This node: ${health.node}`} aside={<Badge state={health.status} />}>
        <Facts
          of={[
            ['Scheduler', <Badge state={health.state} />],
            ['Active runs', health.active_runs],
            ['Host', info.current_host],
            [
              'Runs jobs on',
              info.allowed_hosts.includes('*') ? 'all hosts' : info.allowed_hosts.join(', ') || 'no host',
            ],
          ]}
        />
        {can('scheduler.control') && <Orders state={health.state} scope="node" active={health.active_runs} />}
      </Card>
      {isShared && (
        <Card title="All nodes" aside={<Badge state={info.cluster_state ?? 'running'} />}>
          <p class="quiet">
            These orders are kept in the shared job stores: all nodes follow them, including those that start later.
          </p>
          {can('scheduler.control') && (
            <Orders state={info.cluster_state ?? 'running'} scope="cluster" active={active} nodes={nodes.length} />
          )}
        </Card>
      )}
    </div>
  );
}

function Store({ alias, store }: { alias: string; store: JobStoreHealth }) {
  return (
    <Card title={`Job store: ${alias}`} aside={<Badge state={store.status} />}>
      {store.reason !== null && <p class="error-note">{store.reason}</p>}
      <Facts
        of={[
          store.since !== null && ['Failing since', <Time at={store.since} relative />],
          store.failures > 0 && ['Failures in a row', store.failures],
          store.retry_at !== null && ['Next try', <Time at={store.retry_at} relative />],
          ['Last contact', <Time at={store.last_contact} relative />],
          ['Lateness', store.behind ? <Badge state="late" /> : duration(store.lateness)],
          ['Clock skew', store.clock_skew === null ? '–' : duration(Math.abs(store.clock_skew))],
          ['Unrecorded runs', store.unrecorded_runs],
        ]}
      />
    </Card>
  );
}
