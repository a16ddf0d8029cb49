import type { Timer } from '../../engine/clock.js';
import { messageOf } from '../../engine/util/inspect.js';
import { readClusterState, type ClusterMode, type ClusterState } from '../../engine/stores/cluster-state.js';
import type { Backend } from './backend.js';
import { CLAIM_START, GET_CLUSTER, REQUEST_CANCEL, SEE_ORDERS, TURN_CLUSTER } from './scripts/cluster-scripts.js';

type Orders = [cluster: string, asked: string[]];

/**
 * Requests between nodes: the order for all nodes, and runs to cancel. Read at each heartbeat, on notification, and at short
 * intervals while notifications are interrupted.
 */
export class NodeOrders {
  private timer: Timer | null = null;
  private isOpen = false;
  private looking: Promise<void> = Promise.resolve();
  /** Reads that are requested and have not started. */
  private waiting = 0;

  constructor(
    private readonly backend: Backend,
    private readonly isDeaf: () => boolean,
  ) {}

  start(): void {
    this.isOpen = true;
    this.arm();
  }

  stop(): void {
    this.isOpen = false;
    this.timer?.cancel();
    this.timer = null;
  }

  async state(): Promise<ClusterState> {
    return decodeCluster(await this.backend.run<string>(GET_CLUSTER));
  }

  async turn(to: ClusterMode, from: readonly ClusterMode[]): Promise<ClusterState> {
    return decodeCluster(await this.backend.run<string>(TURN_CLUSTER, to, this.backend.attached.node, ...from));
  }

  /** @returns whether the run is active on another node */
  async askToCancel(runId: string): Promise<boolean> {
    return (await this.backend.run<number>(REQUEST_CANCEL, runId)) === 1;
  }

  /** @returns whether it is the first claim of a job since all nodes have started */
  async claimStart(jobId: string): Promise<boolean> {
    return (await this.backend.run<number>(CLAIM_START, jobId)) === 1;
  }

  /** Reads after all earlier reads have ended. Never rejects: the next read comes soon. */
  look(): Promise<void> {
    if (this.waiting > 0 || !this.isOpen) return this.looking;
    this.waiting++;
    this.looking = this.looking.then(async () => {
      this.waiting--;
      try {
        if (this.isOpen) await this.lookNow();
      } catch (error) {
        this.backend.attached.logger.debug(`Redis could not be asked for orders: ${messageOf(error)}`);
      }
    });
    return this.looking;
  }

  private async lookNow(): Promise<void> {
    const { cancel, cluster } = this.backend.attached;
    const [state, asked] = await this.backend.run<Orders>(SEE_ORDERS);
    cluster(decodeCluster(state));
    if (asked.length > 0) cancel(asked);
  }

  private arm(): void {
    const { clock } = this.backend.attached;
    this.timer = clock.setTimer(() => {
      const look = this.isDeaf() ? this.look() : Promise.resolve();
      const done = look.then(() => {
        if (this.isOpen) this.arm();
      });
      clock.track?.(done);
    }, this.backend.options.pollMs);
  }
}

/** @param text - "mode version changed-at changed-by". */
export function decodeCluster(text: string): ClusterState {
  const [mode, version, changedAt, ...changedBy] = text.split(' ');
  const isFirst = version === '0';
  return readClusterState({
    mode,
    version: Number(version),
    changedAt: isFirst ? null : Number(changedAt),
    changedBy: isFirst ? null : changedBy.join(' '),
  });
}
