import { describe, expect, it, vi } from 'vitest';
import { ManualClock, type SchedulerChange } from 'nestjs-apscheduler/engine';
import type { FeedRecord } from '../../../../lib/rest/events/feed-record.js';
import { VisibleEvents } from '../../../../lib/rest/events/visible-events.js';
import { gate, START } from '../../../support/engine.js';

const recordOf = (number: number, change: Partial<SchedulerChange>): FeedRecord => ({
  ...{ epoch: 'e', number, at: START, text: undefined },
  change: { time: START, node: 'n', jobStore: 'default', ...change } as SchedulerChange,
});
const runOf = (number: number, jobId: string): FeedRecord =>
  recordOf(number, { type: 'job_executed', jobId, runId: `run-${number}`, state: 'succeeded' });

/** Who may see the jobs whose ids begin with a. */
function world(sees = (id: string): Promise<boolean | undefined> => Promise.resolve(id.startsWith('a'))) {
  const clock = new ManualClock(START, { patienceMs: 0 });
  const passed: number[] = [];
  const asked: string[] = [];
  let drops = 0;
  const events = new VisibleEvents({
    clock,
    sees: (id) => {
      asked.push(id);
      return sees(id);
    },
    pass: ({ number }) => passed.push(number),
    onDropped: () => drops++,
  });
  return { asked, clock, drops: () => drops, events, passed };
}

describe('The events of who may see some jobs', () => {
  it('look at each job once, for ten seconds, and keep their order', async () => {
    const { asked, clock, events, passed } = world();
    [runOf(1, 'a'), runOf(2, 'b'), runOf(3, 'a'), recordOf(4, { type: 'scheduler_paused' })].forEach((one) =>
      events.take(one),
    );
    expect(passed).toEqual([]);
    await vi.waitFor(() => expect(passed).toEqual([1, 3, 4]));
    events.take(runOf(5, 'a'));
    events.take(runOf(6, 'b'));
    expect(passed).toEqual([1, 3, 4, 5]);
    expect(asked).toEqual(['a', 'b']);
    await clock.advance(10_000);
    events.take(runOf(7, 'a'));
    await vi.waitFor(() => expect(passed).toContain(7));
    expect(asked).toEqual(['a', 'b', 'a']);
  });

  it('do not show what cannot be looked at, nor the end of a job that was never seen', async () => {
    const { asked, events, passed } = world((id) =>
      id === 'fails' ? Promise.reject(new Error('store failed')) : Promise.resolve(undefined),
    );
    events.note('a', 'default');
    events.take(runOf(1, 'fails'));
    events.take(runOf(2, 'gone'));
    events.take(recordOf(3, { type: 'job_removed', jobId: 'gone' }));
    events.take(recordOf(4, { type: 'job_removed', jobId: 'a' }));
    await vi.waitFor(() => expect(passed).toEqual([4]));
    expect(asked).toEqual(['fails', 'gone']);
  });

  it('are dropped when more than 1,000 wait, and then a reload is due', async () => {
    const slow = gate<boolean>();
    const { asked, drops, events, passed } = world(() => slow.promise);
    for (let number = 1; number <= 3000; number++) events.take(runOf(number, `a${number}`));
    expect(events.isWaiting).toBe(true);
    slow.open(true);
    await vi.waitFor(() => expect(drops()).toBe(1));
    expect(asked).toHaveLength(1000);
    expect(passed).toHaveLength(1000);
    expect(events.isWaiting).toBe(false);
  });
});
