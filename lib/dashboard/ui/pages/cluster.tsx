import type { Health, JobStoreHealth, SchedulerInfo } from '../../../client/index.js';
import { act } from '../act.js';
import { can, client, info } from '../api.js';
import { Badge, Card, Facts, PageHead, Shown, Time } from '../components/basics.js';
import { ask } from '../components/dialog.js';
import { duration, plural } from '../format.js';
import { useLoad } from '../load.js';

type Scope = 'node' | 'cluster';

/** Nodes and job stores, and what stops or starts them. */
export function ClusterPage() {
  const health = useLoad('health', (signal) => client.getHealth({ signal }));
  return (
    <>
      <PageHead title="Nodes and stores" />
      <Shown of={health}>
        {(data) => (
          <div class="stack">
            {info.value && <Node health={data} info={info.value} />}
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

function Node({ health, info }: { health: Health; info: SchedulerInfo }) {
  const isShared = info.cluster_state !== null;
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
            These orders are kept in the shared job stores: all nodes follow them, also those that start later.
          </p>
          {can('scheduler.control') && (
            <Orders state={info.cluster_state ?? 'running'} scope="cluster" active={health.active_runs} />
          )}
        </Card>
      )}
    </div>
  );
}

const EFFECTS = {
  pause: (who: string, active: number) =>
    `${who} takes no more work. ${plural(active, 'run')} that this node has under way ${active === 1 ? 'goes' : 'go'} on to the end. Times that pass meanwhile are made up by the rules of each job.`,
  resume: (who: string) => `${who} takes work again, beginning with what is late.`,
  shutdown: (who: string, active: number) =>
    `${who} stops after the runs under way have ended (${active} on this node), for as long as the shutdown may wait. The application and this API go on.`,
  start: (who: string) => `${who} starts, and runs what is due.`,
} as const;

type Order = keyof typeof EFFECTS;

const NAMES: Readonly<Record<Order, string>> = { pause: 'Pause', resume: 'Resume', shutdown: 'Stop', start: 'Start' };

const ORDERS: Readonly<Record<Order, (scope: Scope) => Promise<void>>> = {
  pause: (scope) => client.pauseScheduler({ scope }),
  resume: (scope) => client.resumeScheduler({ scope }),
  shutdown: (scope) => client.shutdownScheduler({ scope }),
  start: (scope) => client.startScheduler({ scope }),
};

function Orders({ state, scope, active }: { state: string; scope: Scope; active: number }) {
  const orders: readonly Order[] =
    state === 'running' ? ['pause', 'shutdown'] : state === 'paused' ? ['resume', 'shutdown'] : ['start'];
  const give = async (order: Order): Promise<void> => {
    const who = scope === 'node' ? 'This node' : 'Every node';
    const answer = await ask({
      title: `${NAMES[order]} ${scope === 'node' ? 'this node' : 'all nodes'}?`,
      text: EFFECTS[order](who, active),
      confirm: NAMES[order],
      isDangerous: order === 'shutdown',
    });
    if (!answer) return;
    await act(`${NAMES[order]}: done`, () => ORDERS[order](scope));
  };
  return (
    <div class="row orders">
      {orders.map((order) => (
        <button key={order} class={order === 'shutdown' ? 'danger' : undefined} onClick={() => give(order)}>
          {NAMES[order]}
        </button>
      ))}
    </div>
  );
}

function Store({ alias, store }: { alias: string; store: JobStoreHealth }) {
  return (
    <Card title={`Job store: ${alias}`} aside={<Badge state={store.status} />}>
      {store.reason !== null && <p class="error-note">{store.reason}</p>}
      <Facts
        of={[
          store.since !== null && ['Fails since', <Time at={store.since} relative />],
          store.failures > 0 && ['Failures in a row', store.failures],
          store.retry_at !== null && ['Tried again', <Time at={store.retry_at} relative />],
          ['Last contact', <Time at={store.last_contact} relative />],
          ['Lateness', store.behind ? <Badge state="late" /> : duration(store.lateness)],
          ['Clock skew', store.clock_skew === null ? '–' : duration(Math.abs(store.clock_skew))],
          ['Unrecorded runs', store.unrecorded_runs],
        ]}
      />
    </Card>
  );
}
