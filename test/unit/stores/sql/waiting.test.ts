import { EventEmitter } from 'node:events';
import { ManualClock } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { QueryDeadline } from '../../../../lib/stores/sql/connection/query-deadline.js';
import { retryWhileBusy } from '../../../../lib/stores/sql/connection/sqlite-busy.js';

const busy = (): Error => Object.assign(new Error('database is locked'), { code: 'SQLITE_BUSY' });

describe('What needs the lock of SQLite', () => {
  it('is tried again until it has it', async () => {
    const clock = new ManualClock();
    let attempts = 0;
    const done = retryWhileBusy(() => {
      if (++attempts < 4) throw busy();
      return 'done';
    }, clock);
    await clock.advance('1s');
    expect(await done).toBe('done');
    expect(attempts).toBe(4);
  });

  it('is given up after half a minute', async () => {
    const clock = new ManualClock();
    const waiting = retryWhileBusy(() => Promise.reject(busy()), clock);
    await Promise.all([expect(waiting).rejects.toThrow('database is locked'), clock.advance('31s')]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not tried again when it fails otherwise', async () => {
    const full = Object.assign(new Error('disk is full'), { code: 'SQLITE_FULL' });
    await expect(retryWhileBusy(() => Promise.reject(full), new ManualClock())).rejects.toBe(full);
  });
});

describe('A connection that is watched', () => {
  it('is cut off when it leaves a query unanswered, and says so to what is asked after', async () => {
    const clock = new ManualClock();
    const cuts: Error[] = [];
    const socket = new EventEmitter<{ cut: [Error] }>().on('cut', (error) => cuts.push(error));
    const ask = new QueryDeadline(clock, 15_000).watch({ destroy: (error) => socket.emit('cut', error) });
    const lost = ask(() => new Promise((_, reject) => socket.once('cut', reject)));
    await clock.advance('14999ms');
    expect(cuts).toEqual([]);
    await Promise.all([
      expect(lost).rejects.toThrow('The database left a query unanswered for 15 s'),
      clock.advance(1),
    ]);
    await expect(ask(() => Promise.resolve('rolled back'))).rejects.toBe(cuts[0]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is left alone when it answers, with an error too', async () => {
    const clock = new ManualClock();
    const ask = new QueryDeadline(clock, 15_000).watch({ destroy: () => expect.unreachable() });
    expect(await ask(() => Promise.resolve(1))).toBe(1);
    await expect(ask(() => Promise.reject(new Error('no such table')))).rejects.toThrow('no such table');
    expect(clock.pendingTimers).toBe(0);
    await clock.advance('1m');
  });
});
