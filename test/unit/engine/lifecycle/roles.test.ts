import {
  EVENT_JOB_EXECUTED,
  EVENT_JOB_MISSED,
  InvalidInputError,
  LocalExecutor,
  MemoryJobStore,
  RunOverError,
  type NodeRolesOption,
} from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { engineWorld, SECOND } from '../../../support/engine.js';
import { RemoteExecutor, RemotePlace } from '../../../support/remote-executor.js';

/** An executor whose runs leave the process, as far as roles are concerned. */
class Outside extends LocalExecutor {
  readonly handsOver = true;
}

const EVERY_SECOND = { trigger: 'interval', seconds: 1 } as const;

describe('The roles of a scheduler', () => {
  it('are all of them unless it is told otherwise', () => {
    expect(engineWorld().scheduler.roles).toEqual({ schedule: true, execute: true });
    expect(engineWorld({ roles: { schedule: false } }).scheduler.roles).toEqual({ schedule: false, execute: true });
    const roles = { execute: ['default', 'default'] };
    expect(engineWorld({ roles }).scheduler.roles).toEqual({ schedule: true, execute: ['default'] });
  });

  it.each<[roles: unknown, fault: string]>([
    ['schedule', 'roles must be { schedule, execute }, got "schedule"'],
    [{ schedule: 1 }, 'roles.schedule must be true or false, got 1'],
    [{ execute: 'cpu' }, 'roles.execute must be true, false or an array of aliases of executors, got "cpu"'],
    [{ execute: ['cpu'] }, 'roles.execute has "cpu", which is not known; known are default, queue'],
    [{ execute: ['queue'] }, 'roles.execute has "queue", whose runs leave the process'],
    [{ run: true }, 'roles.run is not known; known are schedule, execute'],
  ])('cannot be %j', (roles, fault) => {
    const make = (): unknown => engineWorld({ roles: roles as NodeRolesOption, executors: { queue: new Outside() } });
    expect(make).toThrow(InvalidInputError);
    expect(make).toThrow(fault);
  });

  it.each<[roles: NodeRolesOption, ran: string[]]>([
    [{}, ['cpu', 'default', 'queue']],
    [{ execute: ['cpu'] }, ['cpu', 'queue']],
    [{ execute: false }, ['queue']],
    [{ schedule: false }, ['cpu', 'default']],
    [{ schedule: false, execute: ['default'] }, ['default']],
    [{ schedule: false, execute: false }, []],
  ])('decide whose runs it claims: %j', async (roles, expected) => {
    const executors = { cpu: new LocalExecutor(), queue: new Outside() };
    const { clock, happened, logger, scheduler } = engineWorld({ roles, executors });
    scheduler.registerTask('work', () => 1);
    for (const id of ['cpu', 'default', 'queue']) {
      await scheduler.addJob({ id, task: 'work', executor: id, ...EVERY_SECOND });
    }
    await scheduler.start();
    await clock.advance(3 * SECOND);
    const ran = happened(EVENT_JOB_EXECUTED).map(({ jobId }) => jobId);
    expect([...new Set(ran)].sort()).toEqual(expected);
    expect(ran).toHaveLength(3 * expected.length);
    expect(logger.lines.filter((line) => line.startsWith('warn'))).toEqual([]);
    await scheduler.shutdown();
  });

  it('decide which executors are started', async () => {
    const started: string[] = [];
    class Noted extends LocalExecutor {
      constructor(private readonly alias: string) {
        super();
      }
      start = async (): Promise<void> => void started.push(this.alias);
    }
    const executors = { cpu: new Noted('cpu'), mail: new Noted('mail') };
    const { scheduler } = engineWorld({ roles: { execute: ['mail'] }, executors });
    await scheduler.start();
    scheduler.addExecutor(new Noted('late'), 'late');
    expect(started).toEqual(['mail']);
    await scheduler.shutdown();
  });

  it('without schedule let it declare no job, and remove none', async () => {
    const store = new MemoryJobStore();
    const before = engineWorld({ jobStores: { default: store }, release: '1' });
    await before.scheduler.declareJob({ id: 'old', task: () => 1, ...EVERY_SECOND });
    await before.scheduler.completeDeclarations();
    await before.scheduler.start();
    await before.scheduler.shutdown();
    const options = { jobStores: { default: store }, release: '2', prune: true, roles: { schedule: false } };
    const { clock, happened, logger, scheduler } = engineWorld(options);
    expect(await scheduler.declareJob({ id: 'new', task: () => 1, ...EVERY_SECOND })).toBeUndefined();
    await expect(scheduler.declareJob({ id: 'bad', task: () => 1, trigger: 'interval', seconds: -1 })).rejects.toThrow(
      InvalidInputError,
    );
    await scheduler.completeDeclarations();
    await scheduler.start();
    await clock.advance(2 * SECOND);
    expect((await scheduler.getJobs()).map(({ id }) => id)).toEqual(['old']);
    expect(happened(EVENT_JOB_EXECUTED)).not.toHaveLength(0);
    expect(logger.lines.filter((line) => /declare/i.test(line))).toEqual([]);
    await scheduler.shutdown();
  });

  it('decide which node takes up runs that are handed over', async () => {
    const store = new MemoryJobStore();
    const place = new RemotePlace();
    const start = async (roles: NodeRolesOption) => {
      const remote = new RemoteExecutor(place);
      const world = engineWorld({ jobStores: { default: store }, executors: { remote }, roles });
      world.scheduler.registerTask('work', () => 1);
      await world.scheduler.start();
      await world.clock.advance(0);
      return { ...world, remote };
    };
    const first = await start({ execute: false });
    await first.scheduler.addJob({ id: 'a', task: 'work', executor: 'remote' });
    await first.clock.advance(0);
    const [runId] = place.runIds as [string];
    await first.scheduler.shutdown();
    const { clock, remote, scheduler } = await start({ schedule: false });
    await clock.advance(20 * SECOND);
    expect(remote.adopted).toEqual([]);
    await expect(scheduler.cancelRun(runId)).rejects.toThrow(RunOverError);
    expect(remote.adopted).toEqual([]);
    await scheduler.shutdown();
    const last = await start({ execute: false });
    expect(last.remote.adopted).toEqual([runId]);
    last.remote.execution(runId).settle({ state: 'succeeded', returnValue: 42 });
    await last.clock.advance(0);
    expect(await last.scheduler.getRun(runId)).toMatchObject({ state: 'succeeded', result: 42 });
    await last.scheduler.shutdown();
  });

  it('let no run by hand begin where other nodes cannot make it', async () => {
    const { clock, happened, scheduler } = engineWorld({ roles: { execute: false } });
    await scheduler.addJob({ id: 'a', task: () => 1, runOnStart: true, ...EVERY_SECOND });
    await scheduler.start();
    for (const wait of [true, false]) {
      await expect(scheduler.runJob('a', { wait } as { wait: false })).rejects.toMatchObject({
        code: 'NOT_RUN_HERE',
        jobId: 'a',
        message:
          'Job "a" cannot run on this node: by its roles it makes no runs of executor "default"; and other nodes do not share job store "default"',
      });
    }
    await clock.advance(2 * SECOND);
    expect(happened(EVENT_JOB_EXECUTED)).toEqual([]);
    expect(happened(EVENT_JOB_MISSED)).toEqual([]);
    expect(await scheduler.getJob('a')).toMatchObject({
      waitingFor: 'a node that executes runs of executor "default"',
    });
    await scheduler.shutdown();
  });
});
