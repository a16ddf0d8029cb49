import { MemoryJobStore, type ClusterState, type StoreContext, type StoredNode } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, gate, SECOND, START } from '../../../support/engine.js';

const running: ClusterState = { mode: 'running', version: 0, changedAt: null, changedBy: null };

/** A store that says that it is shared, and which nodes it has. */
class SharedStore extends MemoryJobStore {
  override readonly capabilities = { durable: false, shared: true, notifying: false };
  context!: StoreContext;
  /** Answered beside this node. */
  others: readonly StoredNode[] = [];
  failure: Error | null = null;
  wait: Promise<void> | null = null;

  override attach(context: StoreContext): void {
    super.attach(context);
    this.context = context;
  }

  clusterState = () => Promise.resolve(running);
  turnCluster = () => Promise.resolve(running);
  cancelRun = () => Promise.resolve(false);
  leaveRuns = () => Promise.resolve();
  claimStart = () => Promise.resolve(true);
  leaseHolds = () => true;

  async getNodes(): Promise<readonly StoredNode[]> {
    await this.wait;
    if (this.failure) throw this.failure;
    const { describeNode, instance, node } = this.context;
    return [...this.others, storedNode({ instance, name: node, description: describeNode(), activeRuns: 7 })];
  }
}

const storedNode = (given: Partial<StoredNode>): StoredNode => ({
  instance: 'aaaaaaaa',
  name: 'other',
  since: START,
  seenAt: START + SECOND,
  expiresAt: START + 16 * SECOND,
  expired: false,
  clockSkewMs: 250,
  activeRuns: 2,
  description: null,
  ...given,
});

const saying = (tasks: readonly string[], hidden: readonly string[] = [], complete = true): string =>
  JSON.stringify({ state: 'running', executors: ['default'], tasks, hidden, complete });

const LEASE = { since: START, seenAt: START + SECOND, expiresAt: START + 16 * SECOND, expired: false };

describe('The nodes that a scheduler knows', () => {
  it('are itself alone without a shared store, with its tasks, its executors and its runs', async () => {
    const { clock, scheduler } = engineWorld({ node: 'one' });
    const end = gate();
    scheduler.registerTask('waits', () => end.promise);
    scheduler.registerTask('hidden', () => 1, { rest: false });
    const self = {
      name: 'one',
      instance: expect.stringMatching(/^[\da-f]{8}$/) as unknown,
      thisNode: true,
      roles: { schedule: true, execute: true },
      executors: ['default'],
      tasks: [
        { name: 'waits', rest: true },
        { name: 'hidden', rest: false },
      ],
      complete: true,
    };
    const inStore = (activeRuns: number): object => ({ default: { lease: null, clockSkew: null, activeRuns } });
    expect(await scheduler.getNodes()).toEqual({
      nodes: [{ ...self, state: 'stopped', jobStores: inStore(0) }],
      failed: [],
    });
    await scheduler.addJob({ id: 'a', task: 'waits', trigger: 'date', runDate: START + SECOND });
    await scheduler.start();
    await clock.advance(SECOND);
    const { nodes } = await scheduler.getNodes();
    expect(nodes).toEqual([{ ...self, state: 'running', jobStores: inStore(1) }]);
    end.open();
    await scheduler.pause();
    expect((await scheduler.getNodes()).nodes[0]).toMatchObject({ state: 'paused', jobStores: inStore(0) });
    await scheduler.shutdown();
  });

  it('are one for each instance, whatever names they have and however many stores they share', async () => {
    const [first, second] = [new SharedStore(), new SharedStore()];
    const { scheduler } = engineWorld({ node: 'one', jobStores: { first, second } });
    await scheduler.start();
    const later = { seenAt: START + 3 * SECOND, clockSkewMs: null, activeRuns: 0 };
    first.others = [storedNode({ name: '' }), storedNode({ instance: 'bbbbbbbb' })];
    second.others = [storedNode({ ...later, description: saying(['mail'], ['internal']) })];
    const { failed, nodes } = await scheduler.getNodes();
    expect(failed).toEqual([]);
    expect(nodes.map(({ instance, name, thisNode }) => [name, instance, thisNode])).toEqual([
      ['one', first.context.instance, true],
      ['other', 'aaaaaaaa', false],
      ['other', 'bbbbbbbb', false],
    ]);
    expect(Object.keys(nodes[0]?.jobStores ?? {})).toEqual(['default', 'first', 'second']);
    expect(nodes[0]?.jobStores['first']).toEqual({ lease: LEASE, clockSkew: 0.25, activeRuns: 7 });
    expect(nodes[1]).toEqual({
      ...{ name: 'other', instance: 'aaaaaaaa', thisNode: false, state: 'running', executors: ['default'] },
      roles: { schedule: true, execute: true },
      tasks: [
        { name: 'mail', rest: true },
        { name: 'internal', rest: false },
      ],
      complete: true,
      jobStores: {
        first: { lease: LEASE, clockSkew: 0.25, activeRuns: 2 },
        second: { lease: { ...LEASE, seenAt: START + 3 * SECOND }, clockSkew: null, activeRuns: 0 },
      },
    });
    await scheduler.shutdown();
  });

  it('are known with less where they say nothing of themselves, or what cannot be read', async () => {
    const shared = new SharedStore();
    const { scheduler } = engineWorld({ jobStores: { shared } });
    await scheduler.start();
    const nothing = { since: null, seenAt: null, expiresAt: null };
    shared.others = [null, '{', '{"state":"dancing"}'].map((description, index) =>
      storedNode({ instance: `${index}`.repeat(8), description, ...nothing }),
    );
    for (const node of (await scheduler.getNodes()).nodes.filter(({ thisNode }) => !thisNode)) {
      expect(node).toMatchObject({
        name: 'other',
        state: null,
        roles: null,
        executors: null,
        tasks: null,
        complete: false,
      });
      expect(node.jobStores['shared']?.lease).toEqual({ ...nothing, expired: false });
    }
    expect((await scheduler.getNodes()).nodes).toHaveLength(4);
    await scheduler.shutdown();
  });

  it('say of themselves what they said under the lease that holds', async () => {
    const [first, second] = [new SharedStore(), new SharedStore()];
    const { scheduler } = engineWorld({ jobStores: { first, second } });
    await scheduler.start();
    first.others = [storedNode({ expired: true, description: saying(['old']) })];
    second.others = [storedNode({ description: saying(['new']) })];
    const { nodes } = await scheduler.getNodes();
    expect(nodes.find(({ name }) => name === 'other')?.tasks).toEqual([{ name: 'new', rest: true }]);
    await scheduler.shutdown();
  });

  it('are listed though a store fails, which is named', async () => {
    const [first, second] = [new SharedStore(), new SharedStore()];
    const { scheduler } = engineWorld({ node: 'one', jobStores: { first, second } });
    await scheduler.start();
    first.failure = new Error('connect ECONNREFUSED 127.0.0.1:5432');
    second.others = [storedNode({})];
    const { failed, nodes } = await scheduler.getNodes();
    expect(failed).toEqual([{ jobStore: 'first', reason: 'connect ECONNREFUSED 127.0.0.1:5432' }]);
    expect(nodes.map(({ name }) => name)).toEqual(['one', 'other']);
    expect(nodes[0]?.jobStores['first']).toEqual({ lease: null, clockSkew: null, activeRuns: 0 });
    expect(nodes[0]?.jobStores['second']?.lease).toEqual(LEASE);
    expect(await scheduler.getTasks()).toEqual([]);
    await scheduler.shutdown();
  });

  it('are listed within five seconds though a store does not answer, which is named', async () => {
    const shared = new SharedStore();
    const { clock, scheduler } = engineWorld({ node: 'one', jobStores: { shared } });
    await scheduler.start();
    const answer = gate();
    shared.wait = answer.promise;
    const timers = clock.pendingTimers;
    const listed = scheduler.getNodes();
    await clock.advance(5 * SECOND);
    expect(await listed).toMatchObject({
      nodes: [{ name: 'one', thisNode: true }],
      failed: [{ jobStore: 'shared', reason: 'It does not answer' }],
    });
    answer.open();
    expect((await scheduler.getNodes()).failed).toEqual([]);
    expect(clock.pendingTimers).toBe(timers);
    await scheduler.shutdown();
  });

  it('hear what a scheduler is doing: what it says is made anew each time', async () => {
    const shared = new SharedStore();
    const { scheduler } = engineWorld({ jobStores: { shared } });
    const state = (): unknown => (JSON.parse(shared.context.describeNode()) as { state: unknown }).state;
    expect(state()).toBe('starting');
    await scheduler.start();
    expect(state()).toBe('running');
    await scheduler.pause();
    expect(state()).toBe('paused');
    scheduler.registerTask('late', () => 1);
    expect(JSON.parse(shared.context.describeNode())).toMatchObject({ tasks: ['late'], hidden: [], complete: true });
    await scheduler.shutdown();
  });
});

describe('The tasks that a scheduler knows', () => {
  it('are its own as they were registered, and those of other nodes by name, with the nodes that have them', async () => {
    const shared = new SharedStore();
    const { scheduler } = engineWorld({ node: 'one', jobStores: { shared } });
    scheduler.registerTask('z', () => 1, { description: 'The last letter' });
    scheduler.registerTask('mail', () => 1);
    await scheduler.start();
    shared.others = [
      storedNode({ name: 'two', description: saying(['mail', 'b'], ['a']) }),
      storedNode({ name: 'two', instance: 'bbbbbbbb', description: saying(['b', 'a'], ['mail']) }),
      storedNode({ name: 'three', instance: 'cccccccc', description: saying(['b'], [], false) }),
      storedNode({ name: 'gone', instance: 'dddddddd', description: saying(['mail', 'gone']), expired: true }),
      storedNode({ name: 'earlier', instance: 'eeeeeeee' }),
    ];
    const unknown = { description: null, args: null };
    expect(await scheduler.getTasks()).toEqual([
      { name: 'z', description: 'The last letter', args: null, rest: true, nodes: ['one'], onThisNode: true },
      // Whether jobs may name it over this node's API is for this node to say.
      { name: 'mail', ...unknown, rest: true, nodes: ['one', 'two'], onThisNode: true },
      { name: 'a', ...unknown, rest: false, nodes: ['two'], onThisNode: false },
      { name: 'b', ...unknown, rest: true, nodes: ['three', 'two'], onThisNode: false },
    ]);
    await scheduler.shutdown();
    expect((await scheduler.getTasks()).map(({ name }) => name)).toContain('z');
  });

  it('are read once of hundreds of nodes that say the same of themselves', async () => {
    const store = new SharedStore();
    const { scheduler } = engineWorld({ node: 'one', jobStores: { default: store } });
    for (const name of ['both', 'here']) scheduler.registerTask(name, () => 1);
    await scheduler.start();
    const names = Array.from({ length: 300 }, (_, index) => `n${String(index).padStart(3, '0')}`);
    store.others = [
      ...names.map((name) => storedNode({ instance: name, name, description: saying(['both', 'there', 'too']) })),
      storedNode({ instance: 'another', name: 'another', description: saying(['too']) }),
    ];
    const { nodes } = await scheduler.getNodes();
    const lists = new Set(nodes.filter(({ name }) => name.startsWith('n')).map(({ tasks }) => tasks));
    expect(lists.size).toBe(1);
    expect((await scheduler.getTasks()).map(({ name, nodes: having }) => [name, having])).toEqual([
      ['both', [...names, 'one']],
      ['here', ['one']],
      ['there', names],
      ['too', ['another', ...names]],
    ]);
    await scheduler.shutdown();
  });
});
