import { equal, isTrue } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import type { Suite } from '../suite.js';

const HOUR_MS = 3_600_000;
const SHARED = { capability: 'shared' } as const;

/** A clock that is set back, after it was wrong. */
export function clockSetBack({ describe, settings, test }: Suite): void {
  const { noticeMs, recoveryMs } = settings;

  describe('when the clock that it goes by is set back', () => {
    test(
      'reports by how much, once to each node, and neither a step of seconds nor one forward',
      async (world) => {
        const { node, clock } = world;
        const other = await world.join();
        await world.at(clock.now() + 2 * noticeMs);
        await clock.set(clock.now() - 5000);
        await world.at(clock.now() + 2 * noticeMs);
        await clock.set(clock.now() + HOUR_MS);
        await world.at(clock.now() + 2 * noticeMs);
        equal([...node.setBacks, ...other.setBacks], [], 'what is reported before that');
        await clock.set(clock.now() - HOUR_MS);
        await world.until(() => node.setBacks.length > 0, noticeMs, 'a clock that is set back by an hour is reported');
        await world.at(clock.now() + 2 * noticeMs);
        for (const { name, setBacks } of [node, other]) {
          equal(setBacks.length, 1, `${name}: how often it is reported`);
          const byMs = setBacks[0] ?? 0;
          isTrue(Math.abs(byMs - HOUR_MS) < 5000, `${name}: it is reported as ${byMs} ms, and was ${HOUR_MS}`);
        }
      },
      SHARED,
    );

    test(
      'hands out the runs of a node that is gone as soon as ever',
      async (world) => {
        const { store, node, clock } = world;
        const gone = await world.join();
        await store.add(jobRecord('a', clock.now()));
        const [run] = await gone.runsTaken();
        gone.clock.stop();
        await clock.set(clock.now() - HOUR_MS);
        const isLost = async (): Promise<boolean> => (await store.getRun(run?.id ?? ''))?.state === 'lost';
        await world.until(isLost, recoveryMs, 'the run of a node that is gone is lost');
        equal(node.losses, 0, 'how often the other node has lost its lease');
      },
      SHARED,
    );

    test(
      'lets a node that comes back after an outage, and others, take the runs of one that is gone',
      async (world) => {
        const { store, node, clock } = world;
        const gone = await world.join();
        await store.add(jobRecord('a', clock.now()));
        const [run] = await gone.runsTaken();
        gone.clock.stop();
        // All of them were away for longer than their leases.
        node.clock.stop();
        await world.at(clock.now() + recoveryMs);
        node.clock.goOn();
        await world.at(clock.now() + 100);
        await clock.set(clock.now() - HOUR_MS);
        const isLost = async (): Promise<boolean> => (await store.getRun(run?.id ?? ''))?.state === 'lost';
        await world.until(isLost, recoveryMs, 'the run of a node that is gone is lost');
      },
      SHARED,
    );
  });
}
