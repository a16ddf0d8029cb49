import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wasBegun, type RunRecord } from '../../../../lib/engine/model/run-record.js';
import { RunEntry, type RunMaker } from '../../../../lib/engine/runs/run-entry.js';
import { RunIds } from '../../../../lib/engine/runs/run-ids.js';
import { RunHistory } from '../../../../lib/engine/stores/memory/run-history.js';
import { JobRuns, MemoryEntry } from '../../../../lib/engine/stores/memory/memory-entry.js';
import { record } from '../../../contract/job-store.suite.js';

const maker: RunMaker = { node: 'here', ids: new RunIds() };

const newOwner = (): JobRuns => new JobRuns(new MemoryEntry(record('a', 0), record('a', 0)));

function begun(jobId: string, at: number): RunEntry {
  const run = new RunEntry(maker, record(jobId, at), 'schedule', at, at, at);
  run.startedAt = at;
  return run;
}

function finish(run: RunEntry, at: number): RunEntry {
  return Object.assign(run, { state: 'succeeded', settled: true, finishedAt: at });
}

describe('The history in memory', () => {
  it('holds on to no more runs than it may, over a hundred thousand of a thousand jobs', () => {
    const history = new RunHistory();
    history.limits = { perJob: 5, total: 3000, maxAgeMs: Infinity, maxBytes: Infinity };
    const owners = Array.from({ length: 1000 }, () => newOwner());
    for (let n = 0; n < 100_000; n++) {
      const owner = owners[n % 1000] as JobRuns;
      const run = begun(`job-${n % 1000}`, n);
      history.put(run, owner);
      history.put(finish(run, n), owner);
    }
    const count = history.list({ limit: Infinity, now: 100_000 }).length;
    expect(count).toBe(3000);
    const kept = owners.map((owner) => owner.ended.length);
    expect(kept.reduce((sum, ended) => sum + ended, 0)).toBe(3000);
    const ofEach = owners.map((_, job) => history.list({ jobId: `job-${job}`, limit: Infinity, now: 100_000 }).length);
    expect(ofEach).toEqual(kept);
    expect(owners.every(({ live, last }) => live.length === 0 && last !== null)).toBe(true);
  });

  it('takes no memory for forgotten runs, also while a job that ran once keeps the oldest one', () => {
    const history = new RunHistory();
    history.limits = { perJob: 10, total: 1000, maxAgeMs: Infinity, maxBytes: Infinity };
    const [rare, often] = [newOwner(), newOwner()];
    for (let n = 0; n < 20_000; n++) {
      const [run, owner] = n === 0 ? [begun('rare', n), rare] : [begun('often', n), often];
      history.put(run, owner);
      history.put(finish(run, n), owner);
    }
    expect(history.list({ limit: Infinity, now: 20_000 })).toHaveLength(11);
    expect(history.list({ jobId: 'rare', limit: 10, now: 20_000 })).toHaveLength(1);
    const { runs } = Reflect.get(history, 'ended') as { readonly runs: readonly unknown[] };
    expect(runs.length).toBeLessThanOrEqual(1001);
  });

  it('forgets the oldest runs once what they were given and returned takes too many bytes', () => {
    const history = new RunHistory();
    history.limits = { perJob: 1000, total: 1000, maxAgeMs: Infinity, maxBytes: 10_000 };
    const owner = newOwner();
    const runs = Array.from({ length: 50 }, (_, n) => begun('a', n));
    runs.forEach((run, n) => {
      run.given = { args: ['x'.repeat(500)] };
      run.result = 'x'.repeat(400);
      history.put(run, owner);
      history.put(finish(run, n), owner);
    });
    const kept = history.list({ limit: Infinity, now: 100 }).map(({ id }) => id);
    expect(kept).toEqual(
      runs
        .slice(-10)
        .map(({ id }) => id)
        .toReversed(),
    );
  });

  it('agrees with plain lists, whatever is put into it', () => {
    const job = fc.integer({ min: 0, max: 2 });
    const step = fc.oneof(
      fc.record({ do: fc.constant('begin' as const), job }),
      fc.record({ do: fc.constant('finish' as const), pick: fc.nat() }),
      fc.record({ do: fc.constant('withdraw' as const), pick: fc.nat() }),
      fc.record({ do: fc.constant('skip' as const), job }),
      fc.record({ do: fc.constant('grow' as const), pick: fc.nat() }),
      fc.record({ do: fc.constant('again' as const), pick: fc.nat() }),
    );
    const counts = { perJob: fc.nat({ max: 4 }), total: fc.nat({ max: 6 }), maxAgeMs: fc.nat({ max: 30 }) };
    const limits = fc.record({ ...counts, maxBytes: fc.constant(Infinity) });
    const property = fc.property(fc.array(step, { maxLength: 60 }), limits, (steps, bounds) => {
      const history = new RunHistory();
      history.limits = bounds;
      const owners = [newOwner(), newOwner(), newOwner()];
      const ownerOf = (run: RunRecord): JobRuns => owners[Number(run.jobId)] as JobRuns;
      const all: RunEntry[] = [];
      const live: RunEntry[] = [];
      const left: RunEntry[] = [];
      let ended: RunEntry[] = [];
      let now = 0;
      const isYoung = (run: RunEntry): boolean => (run.finishedAt ?? 0) >= now - bounds.maxAgeMs;
      const end = (run: RunEntry): void => {
        ended = [...ended.filter((one) => one !== run), run];
        const ofJob = ended.filter(({ jobId }) => jobId === run.jobId);
        if (ofJob.length > bounds.perJob) ended = ended.filter((one) => one !== ofJob[0]);
        if (ended.length > bounds.total) ended.shift();
        ended = ended.filter(isYoung);
      };
      const put = (run: RunEntry): unknown => history.put(run, ownerOf(run));
      for (const one of steps) {
        now += 3;
        if (one.do === 'begin' || one.do === 'skip') {
          const run = begun(String(one.job), now);
          all.push(run);
          if (one.do === 'begin') live.push(run);
          else {
            run.startedAt = null;
            run.leaveOut('skipped', 'overlap', now);
            left.push(run);
            end(run);
          }
          put(run);
          continue;
        }
        const from = one.do === 'grow' ? left : one.do === 'again' ? [...live, ...ended] : live;
        const run = from[one.pick % Math.max(1, from.length)];
        if (!run) continue;
        if (one.do === 'grow') {
          end(run.leaveOut('skipped', 'overlap', now, now));
        } else if (one.do !== 'again') {
          live.splice(live.indexOf(run), 1);
          if (one.do === 'finish') finish(run, now);
          else {
            run.startedAt = null;
            run.leaveOut('missed', 'shutdown', now);
          }
          end(run);
        } else if (!left.includes(run) && wasBegun(run)) {
          // Recorded twice.
        } else continue;
        put(run);
        const expected = [...live, ...ended.filter(isYoung)].map(({ id }) => id).toSorted();
        const listed = history.list({ limit: Infinity, now }).map(({ id }) => id);
        expect(listed).toEqual(expected.toReversed());
        owners.forEach((owner, index) => {
          const mine = all.filter((run) => run.jobId === String(index) && wasBegun(run));
          expect(owner.last?.id).toBe(mine.at(-1)?.id);
          expect(owner.live.length).toBe(live.filter(({ jobId }) => jobId === String(index)).length);
        });
      }
    });
    fc.assert(property, { numRuns: 300 });
  });
});
