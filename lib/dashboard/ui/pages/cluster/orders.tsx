import { act } from '../../act.js';
import { client } from '../../api.js';
import { ask } from '../../components/dialog.js';
import { plural } from '../../format.js';

type Scope = 'node' | 'cluster';

const goOn = (active: number): string =>
  active === 0
    ? 'No run is under way.'
    : `${plural(active, 'run')} under way ${active === 1 ? 'continues' : 'continue'} to the end.`;

/** What each order does, with how many runs are under way. */
const EFFECTS = {
  pause: (who: string, active: number) =>
    `${who} takes no more work. ${goOn(active)} What comes due meanwhile is caught up on or missed, by the rules of each job.`,
  resume: (who: string) => `${who} takes work again, beginning with what is late.`,
  shutdown: (who: string, active: number) =>
    `${who} takes no more work, and stops. ${active === 0 ? goOn(0) : `${plural(active, 'run')} under way ${active === 1 ? 'has' : 'have'} the time that a shutdown waits to end, and ${active === 1 ? 'is' : 'are'} aborted after it, unless ${active === 1 ? 'it was' : 'they were'} handed over.`} The application and this API keep running.`,
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

interface OrdersProps {
  readonly state: string;
  readonly scope: Scope;
  /** How many runs are under way there. */
  readonly active: number;
  readonly nodes?: number;
}

/** Pauses, resumes, stops and starts the node that answers, or all of them. */
export function Orders({ state, scope, active, nodes = 1 }: OrdersProps) {
  const orders: readonly Order[] =
    state === 'running' ? ['pause', 'shutdown'] : state === 'paused' ? ['resume', 'shutdown'] : ['start'];
  const give = async (order: Order): Promise<void> => {
    const who = scope === 'node' ? 'This node' : 'Every node';
    const all = nodes > 1 ? `all ${nodes} nodes` : 'all nodes';
    const answer = await ask({
      title: `${NAMES[order]} ${scope === 'node' ? 'this node' : all}?`,
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
