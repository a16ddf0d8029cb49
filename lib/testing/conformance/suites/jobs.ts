import { ConflictingIdError, JobLookupError } from '../../../engine/errors.js';
import { MAX_ID_LENGTH } from '../../../engine/jobs/job-options.js';
import { equal, isTrue, matches, refuses, sameSet } from '../checks.js';
import { jobRecord } from '../sample-jobs.js';
import type { Suite } from '../suite.js';

/** Adding, reading, changing and removing jobs. */
export function jobs({ describe, test }: Suite): void {
  describe('keeps jobs', () => {
    test('as they were given', async ({ store, T }) => {
      const job = jobRecord('a', T + 1000, {
        ...{ args: [1, 'x', null], kwargs: { b: [2] }, misfireGraceTime: 5, maxInstances: 3, overlap: 'queue' },
        ...{ coalesce: 'earliest', catchUpLimit: 7, maxQueued: 8, timeout: 2.5, runOnStart: true, startOpen: true },
        ...{ executor: 'other', name: 'a name', task: 'app:other', nextNominalTime: T + 900 },
      });
      await store.add(job);
      equal(await store.get('a'), job, 'get() after add()');
      equal(await store.list(), [job], 'list() after add()');
      equal(await store.get('b'), undefined, 'get() of a job that is not there');
    });

    test('with triggers that are of use: they say when they fire next', async ({ store, T }) => {
      await store.add(jobRecord('a', T + 1000));
      const trigger = (await store.get('a'))?.trigger;
      isTrue(
        typeof trigger?.next === 'function',
        'The trigger of a job that was read is no Trigger: see triggerFromJson()',
      );
      equal(trigger.next(null, 1), 10_000, 'next() of a trigger that was stored');
    });

    test('but refuses a second one with an id, and keeps the first', async ({ store, T }) => {
      await store.add(jobRecord('a', T + 1000));
      await refuses(store.add(jobRecord('a', T + 2000)), ConflictingIdError, 'add() of an id that is taken');
      matches(await store.get('a'), { nextRunTime: T + 1000 }, 'the first job');
    });

    test('all that are added together, or none', async ({ store, T }) => {
      await store.addMany([]);
      await store.addMany([jobRecord('a', T + 1000), jobRecord('b', null), jobRecord('c', T + 500)]);
      equal(
        (await store.list()).map(({ id }) => id),
        ['c', 'a', 'b'],
        'list() after addMany()',
      );
      const claimed = store.addMany([jobRecord('d', T), jobRecord('b', T), jobRecord('e', T)]);
      await refuses(claimed, ConflictingIdError, 'addMany() with an id that is taken');
      await refuses(claimed, '"b"', 'addMany() with an id that is taken, naming it');
      const twice = store.addMany([jobRecord('d', T), jobRecord('e', T), jobRecord('e', T)]);
      await refuses(twice, ConflictingIdError, 'addMany() with an id that comes twice');
      await refuses(twice, '"e"', 'addMany() with an id that comes twice, naming it');
      equal(
        (await store.list()).map(({ id }) => id),
        ['c', 'a', 'b'],
        'list() after addMany() that failed',
      );
    });

    test('and lists them by next run time, those without one last', async ({ store, T, jobIds }) => {
      await store.add(jobRecord('paused', null));
      await store.add(jobRecord('late', T + 3000));
      await store.add(jobRecord('early', T + 1000));
      await store.add(jobRecord('middle', T + 2000));
      equal(await jobIds(), ['early', 'middle', 'late', 'paused'], 'list()');
    });

    test('with ids of any characters', async ({ store, T, jobIds }) => {
      const odd = [
        ...[
          'a/b',
          '%2F',
          'ü ñ 漢字 🙂',
          '__proto__',
          'constructor',
          "'; DROP TABLE jobs; --",
          ' ',
          'a',
          'A',
          'a ',
          'ä',
          '$a.b',
        ],
        'x'.repeat(MAX_ID_LENGTH),
      ];
      for (const id of odd) await store.add(jobRecord(id, T + 1000));
      for (const id of odd) matches(await store.get(id), { id, name: id }, `get(${JSON.stringify(id)})`);
      sameSet(await jobIds(), odd, 'the ids that list() answers');
      for (const id of odd) await store.remove(id);
      equal(await jobIds(), [], 'list() when all are removed');
    });

    test('and replaces one with what a change makes of it, and answers the new one', async ({ store, T, node }) => {
      await store.add(jobRecord('a', T + 1000));
      const changed = await store.update('a', (job) => ({ ...job, name: 'new', nextRunTime: T + 5000 }));
      matches(changed, { name: 'new', nextRunTime: T + 5000 }, 'what update() answers');
      equal(await store.get('a'), changed, 'get() after update()');
      await node.isNextDue(T + 5000, 'after a job was moved by update()');
    });

    test('and gives a change what it has kept', async ({ store, T }) => {
      const job = jobRecord('a', T + 1000, { args: ['x'] });
      await store.add(job);
      await store.update('a', (current) => {
        equal(current, job, 'what update() gives to its change');
        return { ...current, name: 'second' };
      });
      await store.update('a', (current) => ({ ...current, name: `${current.name} third` }));
      matches(await store.get('a'), { name: 'second third', args: ['x'] }, 'after two changes');
    });

    test('and loses none of many changes that are made at once', async ({ store, T }) => {
      await store.add(jobRecord('a', T + 1000, { args: [] }));
      const numbers = Array.from({ length: 10 }, (_, index) => index);
      await Promise.all(numbers.map((n) => store.update('a', (job) => ({ ...job, args: [...job.args, n] }))));
      const args = (await store.get('a'))?.args ?? [];
      sameSet(args.map(String), numbers.map(String), 'what ten changes at once have added');
    });

    test('and leaves one whose change throws', async ({ store, T }) => {
      await store.add(jobRecord('a', T + 1000));
      const failing = store.update('a', () => {
        throw new Error('no');
      });
      await refuses(failing, 'no', 'update() whose change throws');
      matches(await store.get('a'), { nextRunTime: T + 1000, name: 'a' }, 'after a change that threw');
    });

    test('and does not know one that is not there', async ({ store }) => {
      await refuses(
        store.update('a', (job) => job),
        JobLookupError,
        'update() of a job that is not there',
      );
      await refuses(store.remove('a'), JobLookupError, 'remove() of a job that is not there');
      equal(await store.removeIfEnded('a'), false, 'removeIfEnded() of a job that is not there');
    });

    test('until one is removed, or all', async ({ store, T, node, jobIds }) => {
      for (const id of ['a', 'b', 'c']) await store.add(jobRecord(id, T + 1000));
      await store.remove('b');
      sameSet(await jobIds(), ['a', 'c'], 'list() after remove()');
      await store.removeAll();
      equal(await jobIds(), [], 'list() after removeAll()');
      await node.isNextDue(null, 'after removeAll()');
    });

    test('and removes one that has ended, and none that is paused or has time left', async ({ store, T, jobIds }) => {
      await store.add(jobRecord('ended', null, { paused: false }));
      await store.add(jobRecord('paused', null));
      await store.add(jobRecord('waiting', T + 1000));
      equal(await store.removeIfEnded('ended'), true, 'removeIfEnded() of a job that has ended');
      equal(await store.removeIfEnded('paused'), false, 'removeIfEnded() of a job that is paused');
      equal(await store.removeIfEnded('waiting'), false, 'removeIfEnded() of a job that has time left');
      sameSet(await jobIds(), ['paused', 'waiting'], 'list() after removeIfEnded()');
    });
  });
}
