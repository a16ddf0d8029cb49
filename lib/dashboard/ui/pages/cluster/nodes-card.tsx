import type { ComponentChildren } from 'preact';
import type { NodeRoles, SchedulerNode, SchedulerNodes, Task } from '../../../../client/index.js';
import { Badge, Card, Scroll, Time } from '../../components/basics.js';
import { count, duration, plural } from '../../format.js';

type InStore = SchedulerNode['jobstores'][string];

/** Skew from which on somebody should set a clock. */
const MUCH_SKEW_S = 1;

export const activeRunsOf = ({ jobstores }: SchedulerNode): number =>
  Object.values(jobstores).reduce((sum, store) => sum + store.active_runs, 0);

/** All nodes that share a job store, with their leases. */
export function NodesCard({ of, tasks }: { of: SchedulerNodes; tasks: readonly Task[] | undefined }) {
  const { failed_jobstores: failed, nodes } = of;
  return (
    <Card title="Nodes" flush aside={<span class="quiet small">{plural(nodes.length, 'node')}</span>}>
      {failed.map(({ jobstore, reason }) => (
        <p key={jobstore} class="warn-note">
          The job store “{jobstore}” does not say which nodes it has: {reason}
        </p>
      ))}
      <Scroll label="Nodes">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Node</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Active runs
              </th>
              <th scope="col">Lease</th>
              <th scope="col">Last seen</th>
              <th scope="col">Clock skew</th>
              <th scope="col">Executors</th>
              <th scope="col">Tasks</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map((node) => (
              <NodeRow key={node.instance} node={node} tasks={tasks} />
            ))}
          </tbody>
        </table>
      </Scroll>
    </Card>
  );
}

/** What a node does of the work of all; nothing where it does all. */
function Roles({ of: { execute, schedule } }: { of: NodeRoles }) {
  if (schedule && execute === true) return null;
  const executes =
    execute === true
      ? 'executes all runs'
      : execute === false || execute.length === 0
        ? 'executes no runs'
        : `executes runs of ${execute.join(', ')}`;
  return <div class="quiet small">{`${schedule ? 'schedules' : 'does not schedule'}, ${executes}`}</div>;
}

function NodeRow({ node, tasks }: { node: SchedulerNode; tasks: readonly Task[] | undefined }) {
  const stores = Object.entries(node.jobstores);
  /** What it has in each store, with the store's name where there are several. */
  const each = (show: (store: InStore) => ComponentChildren) =>
    stores.map(([alias, store]) => (
      <div key={alias}>
        {stores.length > 1 && <span class="quiet small">{alias}: </span>}
        {show(store)}
      </div>
    ));
  const own = tasks?.filter(({ nodes }) => nodes.includes(node.name)).map(({ func }) => func);
  return (
    <tr>
      <td class="cell-name">
        <strong>{node.name}</strong>
        <div class="quiet small">
          {node.instance}
          {node.this_node && ' · this page comes from it'}
        </div>
      </td>
      <td data-label="State">
        {stores.some(([, { lease }]) => lease?.expired) ? (
          <Badge state="lost" />
        ) : (
          <Badge state={node.state ?? 'unknown'} />
        )}
      </td>
      <td class="number" data-label="Active runs">
        {count(activeRunsOf(node))}
      </td>
      <td data-label="Lease">
        {each(({ lease }) =>
          lease === null ? (
            <span class="quiet">none</span>
          ) : (
            <>
              {lease.expired ? 'expired ' : 'ends '}
              <Time at={lease.expires_at} relative />
            </>
          ),
        )}
      </td>
      <td data-label="Last seen">
        {each(({ lease }) => (node.this_node && lease === null ? 'now' : <Time at={lease?.seen_at} relative />))}
      </td>
      <td data-label="Clock skew">
        {each(({ clock_skew: skew }) =>
          skew === null ? (
            <span class="quiet">–</span>
          ) : (
            <span class={Math.abs(skew) >= MUCH_SKEW_S ? 'is-skewed' : undefined}>
              {duration(Math.abs(skew))}
              {Math.abs(skew) >= MUCH_SKEW_S && (skew > 0 ? ' behind' : ' ahead')}
            </span>
          ),
        )}
      </td>
      <td data-label="Executors">
        {node.executors?.join(', ') ?? <span class="quiet">not known</span>}
        {node.roles !== null && <Roles of={node.roles} />}
      </td>
      <td data-label="Tasks">
        {!node.tasks_known || own === undefined ? (
          <span class="quiet">not known</span>
        ) : (
          <details>
            <summary>{plural(own.length, 'task')}</summary>
            <ul class="plain-list small mono">
              {own.map((name) => (
                <li key={name}>{name}</li>
              ))}
            </ul>
          </details>
        )}
      </td>
    </tr>
  );
}
