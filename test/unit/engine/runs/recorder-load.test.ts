import { RunStatistics } from '../../../../lib/engine/runs/run-statistics.js';
import { AsyncResource } from 'node:async_hooks';
import { ManualClock, MemoryJobStore, silentLogger, type RecordResult } from 'nestjs-apscheduler/engine';
import { expect, it } from 'vitest';
import { EventBus } from '../../../../lib/engine/event-bus.js';
import { RunEntry } from '../../../../lib/engine/runs/run-entry.js';
import { RunIds } from '../../../../lib/engine/runs/run-ids.js';
import { RunRecorder } from '../../../../lib/engine/runs/run-recorder.js';
import { storeEntry } from '../../../../lib/engine/runs/store-entry.js';
import { record } from '../../../contract/job-store.suite.js';
import { memoryLogger, START } from '../../../support/engine.js';

const maker = { node: 'here', ids: new RunIds() };
const newRun = (): RunEntry => new RunEntry(maker, record('a', START), 'schedule', START, START, START);

it('Outcomes that a store refuses, because this node has lost its right to the runs, are told', async () => {
  class Refusing extends MemoryJobStore {
    override async record(runs: readonly RunEntry[]): Promise<RecordResult> {
      return { removed: [], refused: runs.map(({ id }) => id) };
    }
  }
  const logger = memoryLogger();
  const clock = new ManualClock(START, { patienceMs: 0 });
  const recorder = new RunRecorder({
    clock,
    logger,
    events: new EventBus(logger, new AsyncResource('test')),
    wake: () => undefined,
    statistics: new RunStatistics({ clock, logger }),
  });
  recorder.put(storeEntry('default', new Refusing()), newRun());
  await recorder.flushed();
  expect(logger.lines).toEqual([
    'warn: Job store "default" did not take how 1 run(s) went: this node had lost its right to them',
  ]);
});

it('Who waits for what is owed to a store does not wait for what comes while it is written', async () => {
  const written: RunEntry[] = [];
  let isBusy = true;
  /** While it is written to, another run ends: it is never done. */
  class Behind extends MemoryJobStore {
    override async record(runs: readonly RunEntry[]): Promise<RecordResult> {
      if (isBusy) recorder.put(entry, newRun());
      await new Promise((resolve) => setImmediate(resolve));
      written.push(...runs);
      return { removed: [] };
    }
  }
  const entry = storeEntry('default', new Behind());
  const clock = new ManualClock(START, { patienceMs: 0 });
  const wake = (): undefined => undefined;
  const recorder = new RunRecorder({
    clock,
    logger: silentLogger,
    events: new EventBus(silentLogger, new AsyncResource('test')),
    wake,
    statistics: new RunStatistics({ clock, logger: silentLogger }),
  });
  recorder.put(entry, newRun());
  await recorder.flushed();
  const late = newRun();
  recorder.put(entry, late);
  await recorder.flushed();
  expect(written).toContain(late);
  isBusy = false;
  await recorder.flushed();
});
