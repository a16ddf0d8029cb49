import { beforeEach, describe, expect, it } from 'vitest';
import type { RunRecord, RunState } from 'nestjs-apscheduler/engine';
import { storeEntry, type StoreEntry } from '../../../../lib/engine/runs/store-entry.js';
import type { JobStore } from '../../../../lib/engine/stores/job-store.js';
import { OtherRuns } from '../../../../lib/engine/watch/other-runs.js';
import { START } from '../../../support/engine.js';

/** What {@link OtherRuns} asks of a store, and how often. */
class FakeStore {
  runs: RunRecord[] = [];
  asked: number[] = [];
  /** The jobs that have a run under way. */
  running: RunRecord[] = [];

  getRuns({ before = 'z', limit }: { before?: string; limit: number }): Promise<RunRecord[]> {
    this.asked.push(limit);
    const found = this.runs.filter(({ id }) => id < before).toSorted((a, b) => (a.id < b.id ? 1 : -1));
    return Promise.resolve(found.slice(0, limit));
  }

  getRun(id: string): Promise<RunRecord | undefined> {
    return Promise.resolve(this.runs.find((run) => run.id === id));
  }

  find(): Promise<unknown> {
    return Promise.resolve({ found: this.running.map(({ jobId: id }) => ({ place: { key: '', id } })), next: null });
  }

  lastRuns(): Promise<ReadonlyMap<string, RunRecord>> {
    return Promise.resolve(new Map(this.running.map((run) => [run.jobId, run])));
  }
}

const idOf = (number: number, node = 'bbbb'): string => `${String(number).padStart(6, '0')}-${node}`;
const runOf = (id: string, state: RunState, more: Partial<RunRecord> = {}): RunRecord => ({
  ...{ id, jobId: `job-${id}`, task: 'work', cause: 'schedule', given: null, state, reason: null, settled: true },
  ...{ nominalTime: START, lastNominalTime: START, fireTime: START, startedAt: START, finishedAt: START + 5 },
  ...{ attempt: 1, retryOf: null, retryAt: null, result: null, resultOmitted: null, error: null, log: [] },
  ...{ progress: null, node: 'other', executor: 'default', worker: null, ...more },
});

describe('Runs of other nodes', () => {
  let store: FakeStore;
  let others: OtherRuns;
  beforeEach(() => {
    store = new FakeStore();
    const entry: StoreEntry = storeEntry(
      'default',
      Object.assign(store, { capabilities: { durable: false } }) as unknown as JobStore,
    );
    others = new OtherRuns(entry, '-aaaa');
  });
  const look = async (): Promise<string[]> =>
    (await others.look(START)).map((change) =>
      'runId' in change ? `${change.type} ${Number.parseInt(change.runId)} ${change.state}` : change.type,
    );
  const put = (number: number, state: RunState, more: Partial<RunRecord> = {}): void => {
    store.runs = [...store.runs.filter(({ id }) => id !== idOf(number)), runOf(idOf(number), state, more)];
  };

  it('are told from the first look on, each with its begin and its end', async () => {
    put(1, 'succeeded');
    put(2, 'running', { finishedAt: null });
    expect(await look()).toEqual([]);
    put(3, 'running', { finishedAt: null });
    put(4, 'failed');
    store.runs.push(runOf(idOf(5, 'aaaa'), 'succeeded'));
    put(6, 'missed', { startedAt: null, reason: 'misfire' });
    put(7, 'skipped', { startedAt: null, reason: 'overlap' });
    put(8, 'skipped', { startedAt: null, reason: 'coalesced' });
    expect(await look()).toEqual([
      'job_submitted 3 running',
      'job_submitted 4 running',
      'job_error 4 failed',
      'job_missed 6 missed',
      'job_max_instances 7 skipped',
    ]);
    expect(await look()).toEqual([]);
    put(2, 'lost');
    put(3, 'succeeded');
    expect(await look()).toEqual(['job_error 2 lost', 'job_executed 3 succeeded']);
  });

  it('are told to the end though hundreds have begun since, those that were under way before the first look too', async () => {
    put(1, 'running', { finishedAt: null });
    put(2, 'running', { finishedAt: null });
    for (let number = 3; number < 300; number++) put(number, 'succeeded');
    store.running = store.runs.slice(0, 2);
    await look();
    for (let number = 300; number < 400; number++) put(number, 'succeeded');
    put(1, 'timed_out');
    const told = await look();
    expect(told).toHaveLength(201);
    expect(told.at(-1)).toBe('job_error 1 timed_out');
    store.runs = store.runs.filter(({ id }) => id !== idOf(2));
    expect(await look()).toEqual([]);
  });

  it('are told though the store fails while it is asked for older ones, which are told later', async () => {
    put(1, 'running', { finishedAt: null });
    store.running = [...store.runs];
    for (let number = 2; number < 60; number++) put(number, 'succeeded');
    await look();
    put(1, 'succeeded');
    put(60, 'failed');
    const { getRun } = store;
    store.getRun = () => Promise.reject(new Error('no'));
    expect(await look()).toEqual(['job_submitted 60 running', 'job_error 60 failed']);
    store.getRun = getRun;
    expect(await look()).toEqual(['job_executed 1 succeeded']);
  });

  it('are looked at 200 at most, and a gap tells of more', async () => {
    put(1, 'succeeded');
    await look();
    for (let number = 2; number < 500; number++) put(number, 'succeeded');
    const told = await look();
    expect(told[0]).toBe('gap');
    expect(told.filter((text) => text.startsWith('job_executed'))).toHaveLength(200);
    store.asked = [];
    expect(await look()).toEqual([]);
    expect(store.asked).toEqual([50]);
  });

  it('are not those that older ones make room for', async () => {
    for (let number = 0; number < 100; number++) put(number, 'succeeded');
    await look();
    store.runs = store.runs.filter(({ id }) => id < idOf(80));
    expect(await look()).toEqual([]);
  });

  it('are read a few at a time when their results are large', async () => {
    for (let number = 0; number < 60; number++) put(number, 'succeeded', { result: 'x'.repeat(100_000) });
    await look();
    store.asked = [];
    await look();
    expect(store.asked).toEqual([4]);
  });
});
