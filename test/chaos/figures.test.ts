import { describe, expect, it } from 'vitest';
import type { Evidence, LedgerEntry } from './evidence.js';
import { figuresOf } from './figures.js';

const START = 1_900_000_000_000;
const DEAD_AT = START + 100;

const call = (jobId: string, process: string, beganAfter: number, attempt = 1): LedgerEntry => {
  const runId = `${jobId}${attempt}-${process}`;
  return { jobId, nominalTime: START, runId, attempt, process, beganAt: START + beganAfter, endedAt: null };
};

const evidence: Evidence = {
  timetable: {
    firstTimes: new Map([
      ['a', START],
      ['b', START],
      ['c', START],
    ]),
    times: 1,
    everyMs: 1000,
  },
  ...{ attempts: 3, leaseMs: 15_000, beatMs: 5_000 },
  ledger: [
    ...[call('a', 'n1.1', 10), call('b', 'n1.1', 20)],
    ...[call('a', 'n2.1', 15_100, 2), call('b', 'n2.1', 16_100, 2), call('c', 'n2.1', 3000)],
    { ...call('d', 'n2.1', 0), nominalTime: DEAD_AT + 500, beganAt: DEAD_AT + 900 },
  ],
  runs: ['a', 'b'].map((jobId) => ({
    ...{ id: `${jobId}1-n1.1`, jobId, nominalTime: START, lastNominalTime: START, attempt: 1 },
    ...{ state: 'lost' as const, reason: 'node lost' as const },
  })),
  troubles: [{ kind: 'kill', process: 'n1.1', from: DEAD_AT, to: DEAD_AT }],
};

describe('The figures', () => {
  it('say how late the first call for each time was', () => {
    const { calls, lateness, inTime } = figuresOf(evidence);
    expect(calls).toBe(6);
    expect(lateness).toEqual({ p50: 20, p99: 3000, max: 3000 });
    expect(inTime).toBe(3 / 4);
  });

  it('say how long it took until the runs of a dead process, and the work due after its death, were started', () => {
    const { takenOver, recoveries } = figuresOf(evidence);
    expect(takenOver).toBe(2);
    const runs = { count: 2, min: 15_000, median: 15_000, max: 16_000 };
    expect(recoveries).toEqual([{ kind: 'kill', process: 'n1.1', runs, dueWorkMs: 900 }]);
  });
});
