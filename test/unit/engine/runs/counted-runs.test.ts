import { AsyncResource } from 'node:async_hooks';
import { ManualClock, MemoryJobStore, silentLogger, type RecordResult } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { EventBus } from '../../../../lib/engine/event-bus.js';
import type { StatisticsCell } from '../../../../lib/engine/model/statistics.js';
import { RunEntry } from '../../../../lib/engine/runs/run-entry.js';
import { RunIds } from '../../../../lib/engine/runs/run-ids.js';
import { RunRecorder } from '../../../../lib/engine/runs/run-recorder.js';
import { RunStatistics } from '../../../../lib/engine/runs/run-statistics.js';
import { storeEntry } from '../../../../lib/engine/runs/store-entry.js';
import { Deadline } from '../../../../lib/engine/util/deadline.js';
import { end } from '../../../../lib/testing/conformance/sample-runs.js';
import { record } from '../../../contract/job-store.suite.js';
import { gate, MINUTE, SECOND, START } from '../../../support/engine.js';

const maker = { node: 'here', ids: new RunIds() };
const newRun = (): RunEntry => new RunEntry(maker, record('a', START), 'schedule', START, START, START);
const endedRun = (): RunEntry => end(newRun(), 'succeeded', START);

/** A shared store that counts; what becomes of its writes is up to the test. */
class Counting extends MemoryJobStore {
  override readonly capabilities = { durable: true, shared: true, notifying: false };
  readonly cells: StatisticsCell[] = [];
  onRecord: (runs: readonly RunEntry[]) => Promise<RecordResult> = () => Promise.resolve({ removed: [] });
  onStatistics: () => Promise<void> = () => Promise.resolve();

  override record(runs: readonly RunEntry[]): Promise<RecordResult> {
    return this.onRecord(runs);
  }

  override async addStatistics(cells: readonly StatisticsCell[]): Promise<void> {
    await this.onStatistics();
    this.cells.push(...cells);
  }
}

function world() {
  const clock = new ManualClock(START, { patienceMs: 0 });
  const store = new Counting();
  const statistics = new RunStatistics({ clock, logger: silentLogger });
  const events = new EventBus(silentLogger, new AsyncResource('test'));
  const recorder = new RunRecorder({ clock, logger: silentLogger, events, wake: () => undefined, statistics });
  const entry = storeEntry('default', store);
  entry.open = true;
  const counted = async (): Promise<Readonly<Record<string, number>>> => {
    await statistics.flushAll();
    const states = store.cells.filter(({ series, span }) => span === 'minute' && series.startsWith('state:'));
    const sums: Record<string, number> = {};
    for (const { count, series } of states) sums[series.slice(6)] = (sums[series.slice(6)] ?? 0) + count;
    return sums;
  };
  return { clock, counted, entry, recorder, statistics, store };
}

describe('Of the runs that are recorded, the statistics', () => {
  it('count one once that settles while its time-out is being recorded', async () => {
    const { counted, entry, recorder, store } = world();
    const written = gate<RecordResult>();
    store.onRecord = () => written.promise;
    const run = newRun();
    recorder.put(entry, run);
    await Promise.resolve();
    recorder.put(entry, end(run, 'timed_out', START));
    written.open({ removed: [] });
    await recorder.flushed();
    expect(await counted()).toEqual({ timed_out: 1 });
  });

  it('count one once whose time-out and end are recorded after an outage, in however many writes', async () => {
    const { clock, counted, entry, recorder, store } = world();
    store.onRecord = () => Promise.reject(new Error('down'));
    const run = newRun();
    recorder.put(entry, run);
    for (let n = 0; n < 9; n++) recorder.put(entry, endedRun());
    recorder.put(entry, end(run, 'timed_out', START));
    await clock.advance(MINUTE);
    store.onRecord = () => Promise.resolve({ removed: [] });
    await clock.advance(MINUTE);
    expect(await counted()).toEqual({ succeeded: 9, timed_out: 1 });
  });

  it('do not count one that its store refused, which has it as lost', async () => {
    const { counted, entry, recorder, store } = world();
    const [taken, refused] = [endedRun(), endedRun()];
    store.onRecord = () => Promise.resolve({ removed: [], refused: [refused.id] });
    recorder.put(entry, taken);
    recorder.put(entry, refused);
    await recorder.flushed();
    expect(await counted()).toEqual({ succeeded: 1 });
  });

  it('leave no timer behind when their store hangs at the end, and answers later', async () => {
    const { clock, entry, recorder, store } = world();
    recorder.put(entry, endedRun());
    await recorder.flushed();
    const written = gate<RecordResult>();
    store.onRecord = () => written.promise;
    recorder.put(entry, endedRun());
    const deadline = new Deadline(clock, 1);
    const closed = recorder.close(deadline);
    await clock.advance(SECOND);
    await closed;
    expect(clock.pendingTimers).toBe(0);
    written.open({ removed: [] });
    await clock.advance(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('wait for a store that hangs in a bounded number of additions', async () => {
    const { clock, entry, statistics, store } = world();
    const hangs = gate();
    store.onStatistics = () => hangs.promise;
    for (let n = 0; n < 100; n++) {
      statistics.add(entry, endedRun());
      await clock.advance(10 * SECOND);
    }
    hangs.open();
    await statistics.flushAll();
    const additions = store.cells.filter(({ series, span }) => span === 'minute' && series === 'state:succeeded');
    expect(additions.length).toBe(10);
  });
});
