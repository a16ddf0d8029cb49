import { RunStatistics } from '../../../../lib/engine/runs/run-statistics.js';
import { AsyncResource } from 'node:async_hooks';
import { ManualClock, MemoryJobStore, type RecordResult } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { EventBus } from '../../../../lib/engine/event-bus.js';
import { RunEntry } from '../../../../lib/engine/runs/run-entry.js';
import { RunIds } from '../../../../lib/engine/runs/run-ids.js';
import { RunRecorder } from '../../../../lib/engine/runs/run-recorder.js';
import { storeEntry } from '../../../../lib/engine/runs/store-entry.js';
import { end } from '../../../../lib/testing/conformance/sample-runs.js';
import { record } from '../../../contract/job-store.suite.js';
import { memoryLogger, START } from '../../../support/engine.js';

const maker = { node: 'here', ids: new RunIds() };
const endedRun = (result: unknown = null): RunEntry => {
  const run = end(new RunEntry(maker, record('a', START), 'schedule', START, START, START), 'succeeded', START);
  run.result = result;
  return run;
};

/** A recorder of one store, whose `record()` may throw; it keeps each batch that was taken. */
function recorderOf(refuse: (runs: readonly RunEntry[]) => void) {
  const batches: RunEntry[][] = [];
  class Choosy extends MemoryJobStore {
    override async record(runs: readonly RunEntry[]): Promise<RecordResult> {
      refuse(runs);
      batches.push([...runs]);
      return { removed: [] };
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
  const entry = storeEntry('default', new Choosy());
  const put = (runs: readonly RunEntry[]): void => runs.forEach((run) => recorder.put(entry, run));
  return { batches, clock, entry, logger, put, recorder };
}

const refusing = (bad: RunEntry) => (runs: readonly RunEntry[]) => {
  if (runs.includes(bad) && bad.result !== null) throw new Error('no such text');
};

describe('The recorder', () => {
  it('brings runs to their store in batches of a bounded number, in order', async () => {
    const { batches, put, recorder } = recorderOf(() => undefined);
    const runs = Array.from({ length: 2500 }, () => endedRun());
    put(runs);
    await recorder.flushed();
    expect(batches.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(batches.flat()).toEqual(runs);
  });

  it('brings large runs in batches of bounded bytes', async () => {
    const { batches, put, recorder } = recorderOf(() => undefined);
    put(Array.from({ length: 500 }, () => endedRun('x'.repeat(9000))));
    await recorder.flushed();
    expect(batches.flat()).toHaveLength(500);
    expect(Math.max(...batches.map(({ length }) => length)) * 9000).toBeLessThan(2_100_000);
  });

  it('records all others at once when a store refuses one run, and that one without its result', async () => {
    const bad = endedRun('bad');
    const { batches, entry, logger, put, recorder } = recorderOf(refusing(bad));
    const runs = Array.from({ length: 900 }, () => endedRun('good'));
    put([...runs.slice(0, 400), bad, ...runs.slice(400)]);
    await recorder.flushed();
    expect(recorder.unrecorded(entry)).toEqual([]);
    expect(batches.flat().filter((run) => run !== bad)).toEqual(runs);
    expect(bad).toMatchObject({
      state: 'succeeded',
      result: null,
      resultOmitted: 'Job store "default" refuses what was kept with the run',
    });
    const [line] = logger.lines;
    expect(logger.lines).toHaveLength(1);
    expect(line).toContain(`refuses the result, error and log of run ${bad.id} of job "a"`);
  });

  it('records a run that a store refuses without its result even if no other run ends', async () => {
    const bad = endedRun('bad');
    const { batches, clock, put, recorder } = recorderOf(refusing(bad));
    put([bad]);
    await recorder.flushed();
    expect(batches).toEqual([]);
    await clock.advance(60_000);
    expect(batches.flat()).toEqual([bad]);
    expect(bad.result).toBeNull();
  });

  it('keeps every result through an outage, and records all of them after it', async () => {
    let isDown = true;
    const { batches, clock, entry, put, recorder } = recorderOf(() => {
      if (isDown) throw new Error('down');
    });
    const runs = Array.from({ length: 100 }, () => endedRun('good'));
    put(runs);
    await clock.advance(300_000);
    expect(recorder.unrecorded(entry)).toHaveLength(100);
    isDown = false;
    await clock.advance(60_000);
    expect(recorder.unrecorded(entry)).toEqual([]);
    expect(batches.flat()).toEqual(runs);
    expect(runs.every(({ result }) => result === 'good')).toBe(true);
  });
});
