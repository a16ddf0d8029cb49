import { describe, expect, it } from 'vitest';
import type { Evidence, LedgerEntry, RunStatement, Trouble } from './evidence.js';
import { judge } from './judge.js';

const START = 1_900_000_000_000;
const SECOND = 1000;

const call = (changes: Partial<LedgerEntry> = {}): LedgerEntry => ({
  ...{ jobId: 'a', nominalTime: START, runId: 'r1', attempt: 1, process: 'n1.1' },
  ...{ beganAt: START + 5, endedAt: START + 10 },
  ...changes,
});

const record = (changes: Partial<RunStatement> = {}): RunStatement => {
  const { nominalTime = START } = changes;
  const whole = { id: 'r1', jobId: 'a', nominalTime, lastNominalTime: nominalTime, attempt: 1 };
  return { ...whole, state: 'succeeded', reason: null, ...changes };
};

const lost = (changes: Partial<RunStatement> = {}): RunStatement =>
  record({ state: 'lost', reason: 'node lost', ...changes });

const trouble = (changes: Partial<Trouble> = {}): Trouble => ({
  ...{ kind: 'kill', process: 'n1.1', from: START + 7, to: START + 7 },
  ...changes,
});

/** By default, one job with one scheduled time. */
const evidence = (changes: Partial<Evidence>): Evidence => ({
  timetable: { firstTimes: new Map([['a', START]]), times: 1, everyMs: SECOND },
  ...{ attempts: 3, leaseMs: 15 * SECOND, beatMs: 5 * SECOND },
  ...{ ledger: [], runs: [], troubles: [] },
  ...changes,
});

const faultsOf = (changes: Partial<Evidence>): readonly string[] =>
  judge(evidence(changes)).faults.map(({ kind }) => kind);

/** Started on a process that was killed, then again on another one. */
const TWICE = {
  ledger: [call({ endedAt: null }), call({ runId: 'r2', attempt: 2, process: 'n2.1', beganAt: START + 17_000 })],
  runs: [lost(), record({ id: 'r2', attempt: 2 })],
};

describe('The judge accepts', () => {
  it('a time that ran once and is recorded so', () => {
    const verdict = judge(evidence({ ledger: [call()], runs: [record()] }));
    expect(verdict).toMatchObject({ scheduled: 1, once: 1, faults: [] });
  });

  it('a time that ran again because its process was killed while it was active', () => {
    const verdict = judge(evidence({ ...TWICE, troubles: [trouble()] }));
    expect(verdict).toMatchObject({ once: 0, faults: [] });
    expect([...verdict.again]).toEqual([['kill', 1]]);
  });

  it.each(['stop', 'cut', 'silence', 'stall'] as const)(
    'a time that ran again after a %s that outlasted the lease',
    (kind) => {
      const troubles = [trouble({ kind, from: START + 7, to: START + 18_000 })];
      const verdict = judge(evidence({ ...TWICE, troubles }));
      expect([...verdict.again]).toEqual([[kind, 1]]);
      expect(verdict.faults).toEqual([]);
    },
  );

  it('a time that a node started right after it was continued, although its lease had expired', () => {
    const troubles = [trouble({ kind: 'stop', from: START + 1, to: START + 18_000 })];
    const ledger = [call({ beganAt: START + 18_004 }), TWICE.ledger[1] as LedgerEntry];
    expect(faultsOf({ ...TWICE, ledger, troubles })).toEqual([]);
  });

  it('a time whose process was killed after the task ended and before the outcome was recorded', () => {
    const ledger = [call({ endedAt: START + 6 }), TWICE.ledger[1] as LedgerEntry];
    expect(faultsOf({ ...TWICE, ledger, troubles: [trouble()] })).toEqual([]);
  });

  it('a time that ran again after an outage of the server that outlasted the lease', () => {
    const troubles = [trouble({ kind: 'outage', process: null, to: START + 16_000 })];
    expect(faultsOf({ ...TWICE, troubles })).toEqual([]);
  });

  it('a time that ran once, as the second attempt: the first was lost before its task was called', () => {
    const [, second] = TWICE.ledger;
    expect(judge(evidence({ ...TWICE, ledger: [second as LedgerEntry] }))).toMatchObject({ once: 1, faults: [] });
  });

  it('a time that did not run if a record says why, and counts it separately', () => {
    const timetable = { firstTimes: new Map([['a', START]]), times: 3, everyMs: SECOND };
    const range = { lastNominalTime: START + SECOND };
    const skipped = record({ state: 'skipped', reason: 'coalesced', ...range });
    const third = { nominalTime: START + 2 * SECOND };
    const late = { ...third, beganAt: START + 2 * SECOND };
    const verdict = judge(
      evidence({
        timetable,
        ledger: [call({ runId: 'r3', ...late })],
        runs: [skipped, record({ id: 'r3', ...third })],
      }),
    );
    expect(verdict).toMatchObject({ scheduled: 3, once: 1, faults: [] });
    expect([...verdict.explained]).toEqual([['skipped: coalesced', 2]]);
  });

  it('a time whose every attempt was lost before its task was called', () => {
    const verdict = judge(evidence({ runs: [1, 2, 3].map((attempt) => lost({ id: `r${attempt}`, attempt })) }));
    expect(verdict.faults).toEqual([]);
    expect([...verdict.explained.values()]).toEqual([1]);
  });
});

describe('The judge reports', () => {
  it('a time without any record', () => {
    const timetable = { firstTimes: new Map([['a', START]]), times: 2, everyMs: SECOND };
    const { faults } = judge(evidence({ timetable, ledger: [call()], runs: [record()] }));
    expect(faults).toEqual([
      { kind: 'lost', jobId: 'a', nominalTime: START + SECOND, detail: 'there is no record of it' },
    ]);
  });

  it.each([
    ['active for ever', record({ state: 'running' })],
    ['lost with attempts left and never retried', lost()],
    ['missed without a reason', record({ state: 'missed' })],
  ])('a time that did not run and is recorded as %s', (_, run) => {
    expect(faultsOf({ runs: [run] })).toEqual(['lost']);
  });

  it('a time that is recorded as succeeded but never ran', () => {
    expect(faultsOf({ runs: [record()] })).toEqual(['recorded, not run']);
  });

  it('a time that ran twice on nodes to which nothing happened', () => {
    expect(faultsOf(TWICE)).toEqual(['doubled']);
  });

  it('a time that ran on two nodes at once, both recorded as succeeded', () => {
    const ledger = [call(), call({ runId: 'r2', process: 'n2.1' })];
    expect(faultsOf({ ledger, runs: [record(), record({ id: 'r2' })] })).toEqual(['two outcomes', 'doubled']);
  });

  it('a run whose task was called twice', () => {
    expect(faultsOf({ ledger: [call(), call({ beganAt: START + 9 })], runs: [record()] })).toEqual(['doubled']);
  });

  it.each([
    ['another process was killed', trouble({ process: 'n2.1' })],
    ['its process was killed before it began', trouble({ from: START + 1, to: START + 1 })],
    ['its process was killed long after it had ended', trouble({ from: START + 9000, to: START + 9000 })],
    ['it was cut off for a moment only', trouble({ kind: 'cut', to: START + 3000 })],
    ['the server was away for a moment only', trouble({ kind: 'outage', process: null, to: START + 2000 })],
  ])('a time that ran again though only %s', (_, only) => {
    const ledger = [call(), TWICE.ledger[1] as LedgerEntry];
    expect(faultsOf({ ...TWICE, ledger, troubles: [only] })).toEqual(['doubled']);
  });

  it('a time that ran again although its first run is recorded as succeeded', () => {
    const runs = [record(), lost({ id: 'r2', attempt: 2 })];
    expect(faultsOf({ ...TWICE, runs, troubles: [trouble()] })).toEqual(['doubled']);
  });

  it('a time that ran more often than allowed, whatever happened to its nodes', () => {
    const attempts = [1, 2, 3, 4];
    const ledger = attempts.map((attempt) =>
      call({
        runId: `r${attempt}`,
        attempt,
        process: `n1.${attempt}`,
        endedAt: null,
        beganAt: START + attempt * 20_000,
      }),
    );
    const troubles = attempts.map((attempt) => {
      const at = START + attempt * 20_000 + 1;
      return trouble({ process: `n1.${attempt}`, from: at, to: at });
    });
    const runs = attempts.map((attempt) => lost({ id: `r${attempt}`, attempt }));
    expect(new Set(faultsOf({ ledger, runs, troubles }))).toEqual(new Set(['too many attempts']));
  });

  it('a time that ran too early, whatever its node’s clock said', () => {
    expect(faultsOf({ ledger: [call({ beganAt: START - 300_000 })], runs: [record()] })).toEqual(['too early']);
  });

  it('a run for a time that was not scheduled', () => {
    const stray = call({ runId: 'r2', nominalTime: START + 500, beganAt: START + 500 });
    expect(faultsOf({ ledger: [call(), stray], runs: [record()] })).toEqual(['not scheduled']);
  });

  it('a run that is not in the store', () => {
    expect(faultsOf({ ledger: [call()] })).toEqual(['not recorded', 'no outcome']);
  });

  it('a run without an outcome at the end', () => {
    expect(faultsOf({ ledger: [call()], runs: [record({ state: 'running' })] })).toEqual(['no outcome']);
  });
});
