import type { Evidence, LedgerEntry, RunStatement, TroubleKind } from './evidence.js';
import { findTrouble } from './find-trouble.js';

export const FAULT_KINDS = [
  'lost',
  'doubled',
  'too many attempts',
  'too early',
  'not scheduled',
  'no outcome',
  'two outcomes',
  'not recorded',
  'recorded, not run',
] as const;

/** The ways in which a guarantee can be broken. */
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  readonly jobId: string;
  readonly nominalTime: number;
  readonly detail: string;
}

/** The result of judging the evidence. One fault makes the run fail. */
export interface Verdict {
  /** Scheduled times of all jobs. */
  readonly scheduled: number;
  /** Times that ran once. */
  readonly once: number;
  /** Times that ran more than once for a reason, by what had happened to their node. */
  readonly again: ReadonlyMap<TroubleKind, number>;
  /** Times that did not run and whose record says why, by that reason. */
  readonly explained: ReadonlyMap<string, number>;
  readonly faults: readonly Fault[];
}

/** The tolerance for rounded instants. */
const ROUNDING_MS = 2;

/**
 * Checks that each scheduled time ran once, or at most `attempts` times if its nodes died while it was active; and that the
 * store's records agree with the tasks' own ledger.
 */
export function judge(evidence: Evidence): Verdict {
  const { timetable, ledger, runs } = evidence;
  const faults: Fault[] = [];
  const again = new Map<TroubleKind, number>();
  const explained = new Map<string, number>();
  const entries = groupBySlot(ledger, ({ nominalTime }) => nominalTime);
  const records = recordsBySlot(runs, timetable.everyMs, timetable.firstTimes);
  let once = 0;
  let scheduled = 0;
  for (const [jobId, firstTime] of timetable.firstTimes) {
    for (let index = 0; index < timetable.times; index++) {
      const nominalTime = firstTime + index * timetable.everyMs;
      const key = slotOf(jobId, nominalTime);
      const slot = new Slot(jobId, nominalTime, entries.get(key) ?? [], records.get(key) ?? [], evidence, faults);
      entries.delete(key);
      scheduled++;
      const result = slot.judge();
      if (result.kind === 'once') once++;
      if (result.kind === 'again') again.set(result.why, (again.get(result.why) ?? 0) + 1);
      if (result.kind === 'explained') explained.set(result.why, (explained.get(result.why) ?? 0) + 1);
    }
  }
  for (const { jobId, nominalTime, process } of [...entries.values()].flat()) {
    faults.push({ kind: 'not scheduled', jobId, nominalTime, detail: `ran on ${process}` });
  }
  return { scheduled, once, again, explained, faults };
}

type SlotResult =
  | { readonly kind: 'once' }
  | { readonly kind: 'again'; readonly why: TroubleKind }
  | { readonly kind: 'explained'; readonly why: string }
  | { readonly kind: 'faulty' };

const FAULTY: SlotResult = { kind: 'faulty' };

/** One scheduled time of one job, with all evidence about it. */
class Slot {
  private readonly entries: readonly LedgerEntry[];

  constructor(
    private readonly jobId: string,
    private readonly nominalTime: number,
    entries: readonly LedgerEntry[],
    private readonly records: readonly RunStatement[],
    private readonly evidence: Evidence,
    private readonly faults: Fault[],
  ) {
    this.entries = [...entries].sort((a, b) => a.attempt - b.attempt || a.beganAt - b.beganAt);
  }

  judge(): SlotResult {
    if (this.entries.length === 0) return this.judgeUnrun();
    const before = this.faults.length;
    this.judgeCalls();
    this.judgeRecords();
    const why = this.judgeRepetition();
    if (this.faults.length > before) return FAULTY;
    return why === null ? { kind: 'once' } : { kind: 'again', why };
  }

  /** A time that did not run must have a record that says why. */
  private judgeUnrun(): SlotResult {
    const { attempts } = this.evidence;
    const done = this.records.find(({ state }) => state === 'succeeded');
    if (done) return this.fault('recorded, not run', `run ${done.id} is recorded as succeeded`);
    const explanation = this.records.find(({ state, reason }) => (state === 'missed' || state === 'skipped') && reason);
    if (explanation) return { kind: 'explained', why: `${explanation.state}: ${explanation.reason}` };
    const last = this.records.find(({ state, attempt }) => state === 'lost' && attempt >= attempts);
    if (last) return { kind: 'explained', why: `lost ${last.attempt} times before its task was called` };
    return this.fault('lost', this.records.length === 0 ? 'there is no record of it' : `it is ${this.inWords()}`);
  }

  private judgeCalls(): void {
    const { attempts } = this.evidence;
    for (const { attempt, beganAt, process } of this.entries) {
      const early = this.nominalTime - beganAt;
      if (early > ROUNDING_MS) this.fault('too early', `by ${early} ms, on ${process}`);
      if (attempt > attempts) this.fault('too many attempts', `attempt ${attempt} of ${attempts}, on ${process}`);
    }
    if (this.entries.length > attempts) this.fault('too many attempts', `${this.entries.length} of ${attempts}`);
  }

  /** The store must have a record of each call, and exactly one succeeded run. */
  private judgeRecords(): void {
    const known = new Map(this.records.map((record) => [record.id, record]));
    for (const { runId, process } of this.entries) {
      if (!known.has(runId)) this.fault('not recorded', `run ${runId} on ${process}`);
    }
    const done = this.records.filter(({ state }) => state === 'succeeded');
    if (done.length > 1) this.fault('two outcomes', done.map(({ id }) => id).join(' and '));
    if (done.length === 0 && !this.isGivenUp()) this.fault('no outcome', `it is ${this.inWords()}`);
  }

  /** Whether it was lost in its last attempt. */
  private isGivenUp(): boolean {
    return this.records.some(({ state, attempt }) => state === 'lost' && attempt >= this.evidence.attempts);
  }

  /** Each call but the last must be recorded as lost, and its process must have had trouble. @returns the kind of trouble */
  private judgeRepetition(): TroubleKind | null {
    const states = new Map(this.records.map(({ id, state }) => [id, state]));
    let why: TroubleKind | null = null;
    this.entries.slice(0, -1).forEach((entry, index) => {
      const next = this.entries[index + 1] as LedgerEntry;
      const calls = `${describe(entry)}, then ${describe(next)}`;
      const trouble = findTrouble(this.evidence, entry);
      const state = states.get(entry.runId);
      if (entry.attempt === next.attempt) this.fault('doubled', `${calls}, both as the same attempt`);
      else if (state !== 'lost') this.fault('doubled', `${calls}; the first one is recorded as ${state ?? 'nothing'}`);
      else if (!trouble) this.fault('doubled', `${calls}; nothing had happened to the first one's process`);
      else why = trouble.kind;
    });
    return why;
  }

  private fault(kind: FaultKind, detail: string): SlotResult {
    const { jobId, nominalTime } = this;
    this.faults.push({ kind, jobId, nominalTime, detail });
    return FAULTY;
  }

  private inWords(): string {
    const words = this.records.map(({ state, reason, attempt }) => `${state} (${reason}, attempt ${attempt})`);
    return words.length > 0 ? `recorded as ${words.join(', ')}` : 'not recorded';
  }
}

function describe({ runId, attempt, process, beganAt, endedAt }: LedgerEntry): string {
  const end = endedAt === null ? 'no end' : `${endedAt - beganAt} ms`;
  return `run ${runId} (attempt ${attempt}) on ${process} at ${new Date(beganAt).toISOString()} (${end})`;
}

const slotOf = (jobId: string, nominalTime: number): string => `${jobId}@${nominalTime}`;

function groupBySlot<T extends { readonly jobId: string }>(
  items: readonly T[],
  timeOf: (item: T) => number,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) put(groups, slotOf(item.jobId, timeOf(item)), item);
  return groups;
}

/** A record of a range of times counts for each time in it. */
function recordsBySlot(
  runs: readonly RunStatement[],
  everyMs: number,
  firstTimes: ReadonlyMap<string, number>,
): ReadonlyMap<string, RunStatement[]> {
  const groups = new Map<string, RunStatement[]>();
  for (const run of runs) {
    if (!firstTimes.has(run.jobId)) continue;
    for (let time = run.nominalTime; time <= run.lastNominalTime; time += everyMs) {
      put(groups, slotOf(run.jobId, time), run);
    }
  }
  return groups;
}

function put<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key);
  if (group) group.push(item);
  else groups.set(key, [item]);
}
