import {
  LocalExecutor,
  NotRunHereError,
  Scheduler,
  type NodeRolesOption,
  type RunContext,
  type SchedulerOptions,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { memoryLogger, type MemoryLogger } from '../../../support/engine.js';
import { sharedPlaces } from '../../../support/shared-stores.js';

const places = await sharedPlaces();
const NEVER = { trigger: 'date', runDate: '2090-01-01' } as const;

interface Node {
  readonly scheduler: Scheduler;
  readonly logger: MemoryLogger;
}

describe.each(places.filter(({ available }) => available))(
  'Nodes with roles that share $title',
  { timeout: 60_000 },
  ({ make: fresh }) => {
    async function world() {
      const makeStore = await fresh();
      /** Which node ran which job, and what it was given. */
      const ran: string[] = [];
      const start = async (node: string, roles: NodeRolesOption, options: SchedulerOptions = {}): Promise<Node> => {
        const logger = memoryLogger();
        const scheduler = new Scheduler({
          ...{ node, roles, logger, timezone: 'UTC', jobStores: { default: makeStore() } },
          executors: { cpu: new LocalExecutor() },
          ...options,
        });
        onTestFinished(() => scheduler.shutdown({ wait: false }).catch(() => undefined));
        scheduler.registerTask('work', (...args: unknown[]) => {
          const { jobId } = args.at(-1) as RunContext;
          ran.push([node, jobId, ...args.slice(0, -1)].join(' '));
        });
        await scheduler.start();
        return { scheduler, logger };
      };
      return { ran, start };
    }
    const until = (expected: () => unknown): Promise<unknown> =>
      vi.waitFor(expected, { timeout: 30_000, interval: 50 });

    it('make the runs of their executors, and say nothing about the others', async () => {
      const { ran, start } = await world();
      const planner = await start('planner', { execute: false });
      const nodes = [await start('cpu', { schedule: false, execute: ['cpu'] })];
      nodes.push(await start('rest', { schedule: false, execute: ['default'] }), planner);
      const often = { task: 'work', trigger: 'interval', every: '200ms' } as const;
      await planner.scheduler.addJobs(
        Array.from({ length: 20 }, (_, n) => ({ ...often, id: `c${n}`, executor: 'cpu' })),
      );
      await planner.scheduler.addJob({ ...often, id: 'd' });
      await until(() => {
        expect(ran.filter((line) => line === 'rest d').length).toBeGreaterThan(5);
        expect(new Set(ran).size).toBe(21);
      });
      expect(new Set(ran)).toEqual(new Set([...Array.from({ length: 20 }, (_, n) => `cpu c${n}`), 'rest d']));
      for (const { logger } of nodes) expect(logger.lines.filter((line) => /^(warn|error)/.test(line))).toEqual([]);
    });

    it('let the right one make a run by hand, with what it was given', async () => {
      const { ran, start } = await world();
      const { scheduler: planner } = await start('planner', { execute: false });
      const job = { id: 'a', task: 'work', args: ['own'], executor: 'cpu', ...NEVER } as const;
      await planner.addJob(job);
      const run = await planner.runJob('a', { wait: false, args: ['given'] });
      expect(run).toMatchObject({ state: 'missed', reason: 'other node', cause: 'manual', node: 'planner' });
      expect(run.retryAt).not.toBeNull();
      await start('cpu', { schedule: false });
      await until(() => expect(ran).toEqual(['cpu a given']));
      await until(async () => {
        const { runs } = await planner.getRuns({ jobId: 'a' });
        expect(runs).toMatchObject([
          { state: 'succeeded', cause: 'retry', attempt: 1, retryOf: run.id, node: 'cpu' },
          { id: run.id, state: 'missed', retryAt: null },
        ]);
      });
      expect((await planner.statistics()).lastHour.outcomes).not.toHaveProperty('missed');
    });

    it('refuse a run by hand that no other one could make, or be waited for', async () => {
      const { start } = await world();
      const { scheduler: planner } = await start('planner', { execute: ['default'] });
      await planner.addJob({ id: 'a', task: 'work', executor: 'cpu', ...NEVER });
      const here = 'Job "a" cannot run on this node: by its roles it makes no runs of executor "cpu"';
      await expect(planner.runJob('a')).rejects.toThrow(`${here}; pass wait: false`);
      await planner.pauseJob('a');
      await expect(planner.runJob('a', { wait: false })).rejects.toThrow(
        new NotRunHereError(
          'a',
          'by its roles it makes no runs of executor "cpu"',
          'and other nodes make no runs of a paused job: resume it first',
        ).message,
      );
      expect((await planner.getRuns()).runs).toEqual([]);
    });

    it('run a job at the start where its executor is', async () => {
      const { ran, start } = await world();
      await start('cpu', { schedule: false, execute: ['cpu'] });
      const { scheduler: planner } = await start('planner', { execute: false });
      await planner.addJob({ id: 'a', task: 'work', executor: 'cpu', runOnStart: 'cluster', ...NEVER });
      await until(() => expect(ran).toEqual(['cpu a']));
    });

    it('reach their own jobs among thousands that are due for others, and leave those to them', async () => {
      const { ran, start } = await world();
      const { scheduler: planner } = await start('planner', { execute: false });
      const at = Date.now() - 1000;
      const due = (id: string, executor: string, time = at) =>
        ({ id, task: 'work', executor, trigger: 'date', runDate: new Date(time) }) as const;
      const others = Array.from({ length: 2300 }, (_, n) => due(`c${n}`, 'cpu'));
      await planner.addJobs([due('a', 'default'), ...others, due('z', 'default')]);
      const rest = await start('rest', { schedule: false, execute: ['default'] });
      await until(() => expect(ran.toSorted()).toEqual(['rest a', 'rest z']));
      // The others have been passed over by now.
      await planner.addJob(due('later', 'default', Date.now() + 300));
      await until(() => expect(ran).toContain('rest later'));
      await rest.scheduler.shutdown();
      await start('cpu', { schedule: false, execute: ['cpu'] });
      await until(() => expect(ran).toHaveLength(2303));
      expect(new Set(ran).size).toBe(2303);
    });

    it('show each other their roles, and for which node a job waits', async () => {
      const { start } = await world();
      const { scheduler: planner } = await start('planner', { execute: false });
      await planner.addJob({ id: 'a', task: 'work', executor: 'cpu', ...NEVER });
      const waitingFor = 'a node that executes runs of executor "cpu"';
      expect(await planner.getJob('a')).toMatchObject({ waitingFor });
      expect((await planner.getJobs({ state: 'waiting' })).jobs).toMatchObject([{ id: 'a', waitingFor }]);
      expect((await planner.statistics()).jobs).toMatchObject({ waiting: 1, scheduled: 0 });
      await start('cpu', { schedule: false, execute: ['cpu'] });
      await until(async () => expect(await planner.getJob('a')).toMatchObject({ waitingFor: null }));
      expect((await planner.getJobs({ state: 'waiting' })).jobs).toEqual([]);
      expect((await planner.statistics()).jobs).toMatchObject({ waiting: 0, scheduled: 1 });
      const { nodes } = await planner.getNodes();
      expect(nodes.map(({ name, roles }) => ({ name, roles }))).toEqual([
        { name: 'cpu', roles: { schedule: false, execute: ['cpu'] } },
        { name: 'planner', roles: { schedule: true, execute: false } },
      ]);
    });

    it('leave runs by hand to others while they are drained', async () => {
      const { ran, start } = await world();
      const { scheduler: first } = await start('first', {});
      await first.addJob({ id: 'a', task: 'work', ...NEVER });
      await first.drain({ scope: 'node' });
      await expect(first.runJob('a')).rejects.toThrow(
        'Job "a" cannot run on this node: it is drained; pass wait: false',
      );
      await first.runJob('a', { wait: false });
      expect(ran).toEqual([]);
      await start('second', {});
      await until(() => expect(ran).toEqual(['second a']));
      await first.resume();
      await first.runJob('a');
      expect(ran).toEqual(['second a', 'first a']);
    });
  },
);
