import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryJobStore } from 'nestjs-apscheduler/engine';
import { SqlJobStore, type SqlStoreOptions } from 'nestjs-apscheduler/sql';
import { describeJobStore, type DescribeJobStoreOptions, type MakeStoreUnderTest } from 'nestjs-apscheduler/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { damageSql } from '../support/damage.js';
import { lossesInSql } from '../support/losses.js';
import { declaredTests, type DeclaredTest } from '../support/declared-tests.js';
import { wrongInMemory, wrongShared } from './wrong-stores.js';

const folder = mkdtempSync(join(tmpdir(), 'kit-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const shared =
  (open: (options: SqlStoreOptions) => SqlJobStore, goesByNodes = true): MakeStoreUnderTest =>
  () => {
    const options = { url: `sqlite:${join(folder, `${++files}.db`)}`, time: 'node' } as const;
    const harm = { ...damageSql(options.url, 'default'), ...lossesInSql(options.url, 'default') };
    return { store: open(options), another: () => open(options), goesByNodes, ...harm };
  };

const testsOf = (make: MakeStoreUnderTest, options?: DescribeJobStoreOptions): readonly DeclaredTest[] =>
  declaredTests((framework) => describeJobStore('given', make, { ...framework, walks: 3, seed: 1, ...options }));

const find = (tests: readonly DeclaredTest[], title: string): DeclaredTest => {
  const found = tests.filter((test) => test.title.includes(title));
  expect(found.map((test) => test.title)).toHaveLength(1);
  return found[0] as DeclaredTest;
};

const failureOf = async (test: DeclaredTest): Promise<Error> => {
  const result = await test.run();
  expect(result).toMatchObject({ error: expect.any(Error) });
  return (result as { error: Error }).error;
};

describe('The tests that every job store must pass', () => {
  it.each(wrongInMemory.map(({ fault, ...rest }) => [fault, rest] as const))(
    'find a store that %s',
    async (_fault, { found, make }) => {
      const right = await find(
        testsOf(() => new MemoryJobStore()),
        found,
      ).run();
      expect(right === null || 'skipped' in right).toBe(true);
      await failureOf(find(testsOf(make), found));
    },
  );

  it.each(wrongShared.map(({ fault, ...rest }) => [fault, rest] as const))(
    'find a shared store that %s',
    { timeout: 60_000 },
    async (_fault, { found, make }) => {
      expect(await find(testsOf(shared((options) => new SqlJobStore(options))), found).run()).toBeNull();
      await failureOf(find(testsOf(shared(make)), found));
    },
  );

  it('find a shared store that goes by the clocks of its nodes', async () => {
    const make = shared((options) => new SqlJobStore(options), false);
    const error = await failureOf(find(testsOf(make), 'goes by a clock of its own'));
    expect(error.message).toContain('what is due for a node whose clock is 5 minutes ahead');
  });

  it('say what was expected, and what there is', async () => {
    const [wrong] = wrongInMemory.filter(({ fault }) => fault === 'lists jobs as they were added');
    const error = await failureOf(find(testsOf(wrong!.make), wrong!.found));
    expect(error).toMatchObject({ code: 'ERR_ASSERTION', expected: ['early', 'middle', 'late', 'paused'] });
    expect(error.message).toMatch(/^list\(\)\nexpected: \[ 'early'.*\n {2}actual: \[ 'early', 'late'/);
  });

  it('say after which steps a random walk fails, few of them, and begin with those when they are given its seed', async () => {
    const wrong = wrongInMemory.find(({ fault }) => fault === 'never says when the next job is due')!;
    const options = { walks: 20, seed: 1 };
    const error = await failureOf(find(testsOf(wrong.make, options), 'agrees with a plain list,'));
    const [, seed, steps] = /\(seed (\d+)\):\n((?: {2}.*\n)+)/.exec(error.message) ?? [];
    expect(steps?.trim().split('\n').length).toBeLessThanOrEqual(2);
    const again = { walks: 1, seed: Number(seed) };
    const same = await failureOf(find(testsOf(wrong.make, again), 'agrees with a plain list,'));
    expect(same.message.split('\n', 2)).toEqual(error.message.split('\n', 2));
  });

  it('ask nothing that the capabilities do not claim, and say so', async () => {
    const test = find(
      testsOf(() => new MemoryJobStore()),
      'shows each of them what the others have done',
    );
    expect(await test.run()).toEqual({ skipped: 'the store does not say that it is shared' });
  });

  it('say what to give when a store that claims to be shared has no second handle', async () => {
    const make: MakeStoreUnderTest = shared((options) => new SqlJobStore(options));
    const lone: MakeStoreUnderTest = async (clock) => ({ store: await make(clock) }).store;
    const alone: MakeStoreUnderTest = async (clock) => {
      const made = await lone(clock);
      return 'store' in made ? made.store : made;
    };
    const error = await failureOf(find(testsOf(alone), 'shows each of them what the others have done'));
    expect(error.message).toContain('make() must give `another`');
  });

  it('stop every store that they have made, whether they pass or fail', async () => {
    const open = new Set<unknown>();
    class Counting extends MemoryJobStore {
      async start(): Promise<void> {
        open.add(this);
      }

      async stop(): Promise<void> {
        open.delete(this);
      }
    }
    class Wrong extends Counting {
      override getRun(): Promise<undefined> {
        return Promise.resolve(undefined);
      }
    }
    for (const Made of [Counting, Wrong]) {
      for (const test of testsOf(() => new Made())) await test.run();
      expect(open.size).toBe(0);
    }
  });

  it('want a describe and an it', () => {
    expect(() => describeJobStore('given', () => new MemoryJobStore())).toThrow(
      /found no global describe\(\) and it\(\).*node:test/,
    );
  });
});
