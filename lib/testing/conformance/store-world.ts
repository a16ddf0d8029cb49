import { ManualClock, SystemClock } from '../../engine/clock.js';
import type { AuditLimits } from '../../engine/stores/audit-options.js';
import type { HistoryLimits, JobStore, RunFilter, ClaimResult } from '../../engine/stores/job-store.js';
import type { RunRecord } from '../../engine/model/run-record.js';
import type { RunEntry } from '../../engine/runs/run-entry.js';
import { isTrue, present } from './checks.js';
import { jobRecord, onTo } from './sample-jobs.js';
import { StoreNode, type DueRequest } from './store-node.js';
import type { MakeStoreUnderTest, StorePart, StoreUnderTest, TestNeeds } from './store-under-test.js';

/** How long a store may take for what it does in the background, in real time. */
const PATIENCE_MS = 3000;

const LIMITS: HistoryLimits = { perJob: 1000, total: 10_000, maxAgeMs: 7 * 24 * 3600 * 1000, maxBytes: Infinity };
const AUDIT_LIMITS: AuditLimits = { maxAgeMs: 7 * 24 * 3600 * 1000, maxCount: 10_000 };

interface JoinOptions {
  /** By how much the node's clock is wrong. */
  readonly aheadMs?: number;
  /** Where its limits differ from those of the other nodes. */
  readonly history?: Partial<HistoryLimits>;
  readonly audit?: Partial<AuditLimits>;
}

/** What one test happens in: a clock that stands until it is turned, and a node with an empty store. */
export class StoreWorld {
  private readonly nodes: StoreNode[] = [];

  private constructor(
    readonly clock: ManualClock,
    /** Where the clock stands first: about now, for a database may forget by its own clock what is long over. */
    readonly T: number,
    private readonly made: StoreUnderTest,
    private readonly history: HistoryLimits,
    private readonly audit: AuditLimits,
  ) {}

  /** Everything that was opened is closed again when a world cannot be. */
  static async open(
    make: MakeStoreUnderTest,
    { audit, history, scheduler = false }: TestNeeds = {},
  ): Promise<StoreWorld> {
    const start = Math.floor(new SystemClock().now() / 1000) * 1000;
    const clock = new ManualClock(start);
    const made = await make(clock);
    const isStore = 'claimDue' in made;
    const under = isStore ? { store: made } : made;
    const world = new StoreWorld(clock, start, under, { ...LIMITS, ...history }, { ...AUDIT_LIMITS, ...audit });
    try {
      if (!scheduler) await world.add(world.made.store);
    } catch (error) {
      await world.close().catch(() => undefined);
      throw error;
    }
    return world;
  }

  get store(): JobStore {
    return this.made.store;
  }

  get damageJob(): readonly ((id: string) => Promise<void>)[] {
    return this.made.damageJob ?? [];
  }

  get damageRun(): readonly ((id: string) => Promise<void>)[] {
    return this.made.damageRun ?? [];
  }

  get damageNode(): readonly ((instance: string) => Promise<void>)[] {
    return this.made.damageNode ?? [];
  }

  get damageCluster(): readonly (() => Promise<void>)[] {
    return this.made.damageCluster ?? [];
  }

  get damageAudit(): readonly ((id: string) => Promise<void>)[] {
    return this.made.damageAudit ?? [];
  }

  /** All nodes that there have been. */
  get all(): readonly StoreNode[] {
    return this.nodes;
  }

  get node(): StoreNode {
    return this.nodes[0] as StoreNode;
  }

  /** Turns the clock on to an instant. */
  readonly at = (instant: number): Promise<void> => this.clock.advance(instant - this.clock.now());

  /** Asks, whenever the store wants to be asked in the next seconds, until something is taken: what a plan leaves may fill an answer. */
  async takeSome(request: DueRequest): Promise<ClaimResult> {
    const until = this.clock.now() + 10_000;
    for (let asked = 1; ; asked++) {
      const result = await this.node.claimDue(request);
      const { claimed, retries, nextDue } = result;
      const isOver = nextDue === null || nextDue > until || asked === 20;
      if (claimed.length + retries.length > 0 || isOver) return result;
      await this.at(Math.max(nextDue, this.clock.now()));
    }
  }

  readonly find = (filter: Partial<RunFilter> = {}): Promise<readonly RunRecord[]> =>
    this.store.getRuns({ limit: 1000, now: this.clock.now(), ...filter });

  readonly runIds = async (filter?: Partial<RunFilter>): Promise<string[]> =>
    (await this.find(filter)).map(({ id }) => id);

  readonly jobIds = async (): Promise<string[]> => (await this.store.list()).map(({ id }) => id);

  readonly lastRunOf = async (id: string): Promise<string | undefined> => (await this.store.lastRuns([id])).get(id)?.id;

  /** The run of a one-shot job that was due just now. */
  readonly oneShot = async (id = 'a'): Promise<RunEntry> => {
    await this.store.add(jobRecord(id, this.clock.now()));
    return (await this.node.runsTaken()).at(-1) as RunEntry;
  };

  /** Two runs of a job that has no time left after them. */
  readonly twoRuns = async (): Promise<readonly [RunEntry, RunEntry]> => {
    const { T, node } = this;
    const job = jobRecord('a', T);
    await this.store.add(job);
    const runs = [node.newRun(job, T - 1000), node.newRun(job, T)] as const;
    await node.claimDue({ limit: 1, plan: () => ({ ...onTo(null), runs }) });
    return runs;
  };

  /** Another node on the same jobs. */
  async join({ aheadMs = 0, ...limits }: JoinOptions = {}): Promise<StoreNode> {
    const { another } = this.made;
    isTrue(
      another !== undefined,
      'The store says that it is shared or durable: make() must give `another`, which makes a second store on the same jobs',
    );
    return this.add(await another(), aheadMs, limits);
  }

  async empty(part: StorePart): Promise<void> {
    await this.made.empty?.(part);
  }

  /** Answers what restores the backup. */
  async backUp(part: StorePart): Promise<() => Promise<void>> {
    return present(await this.made.backUp?.(part), 'what restores a backup');
  }

  /** Why a test does not apply to this store; null when it does. */
  unfitFor({ capability, damage, loss = false, ownClock = false }: TestNeeds): string | null {
    const { damageJob: job, damageRun: run, damageNode: node, damageCluster: cluster, damageAudit: audit } = this;
    if (damage !== undefined && { job, run, node, cluster, audit }[damage].length === 0)
      return `make() gives no way to damage a ${damage}`;
    if (loss && !(this.made.empty && this.made.backUp)) return 'make() gives no way to lose jobs';
    if (capability !== undefined && !this.store.capabilities[capability]) {
      return `the store does not say that it is ${capability}`;
    }
    return ownClock && this.made.goesByNodes === true ? 'the store goes by the clocks of its nodes' : null;
  }

  /** Turns the clock on, second by second, until something holds. */
  async until(holds: () => boolean | Promise<boolean>, withinMs: number, what: string): Promise<void> {
    const end = this.clock.now() + withinMs;
    while (!(await holds())) {
      isTrue(this.clock.now() < end, `${what}: not within ${withinMs} ms of the clock that is turned`);
      await this.at(Math.min(this.clock.now() + 1000, end));
    }
  }

  async tidy(): Promise<void> {
    await this.made.tidy?.(this.store);
  }

  /** Tidies, and repeats a check until it passes: a store may prune its history in the background, in real time. */
  async eventually(check: () => Promise<void>): Promise<void> {
    const clock = new SystemClock();
    const until = clock.now() + PATIENCE_MS;
    for (;;) {
      await this.tidy();
      try {
        return await check();
      } catch (error) {
        if (clock.now() >= until) throw error;
      }
      await new Promise<void>((resolve) => clock.setTimer(resolve, 10));
    }
  }

  async close(): Promise<void> {
    const stops = await Promise.allSettled(this.nodes.toReversed().map((node) => node.stop()));
    await this.made.dispose?.();
    for (const stop of stops) if (stop.status === 'rejected') throw stop.reason;
  }

  private async add(
    store: JobStore,
    aheadMs = 0,
    { audit, history }: Pick<JoinOptions, 'audit' | 'history'> = {},
  ): Promise<StoreNode> {
    const node = new StoreNode(store, `node-${this.nodes.length + 1}`, this.clock, aheadMs);
    this.nodes.push(node);
    await node.start({ ...this.history, ...history }, { ...this.audit, ...audit });
    return node;
  }
}
