import type { RunRecord } from '../run.js';
import { RunEntry } from '../runs/run-entry.js';
import { PlainRun, type PlainRunData } from './plain-run.js';
import type { JobRuns } from './run-history.js';

/** A power of 2, as all capacities. */
const FIRST_CAPACITY = 8;

/**
 * Runs that have ended, in the order of their ends, and those of each job as a chain. Each has a number, counted on without
 * end; what was forgotten leaves a hole until it is the oldest.
 *
 * Plain ones are kept as numbers. A run that is kept as an object outlives the garbage collector's young generation, and
 * with a hundred thousand of them a second that cost as much as all the rest of a fire.
 */
export class EndedRuns {
  private capacity = FIRST_CAPACITY;
  /** By place: a run, or the job whose plain run is there; undefined for a hole. */
  private runs: (RunEntry | JobRuns | undefined)[] = emptyPlaces(FIRST_CAPACITY);
  private columns = new Columns(FIRST_CAPACITY);
  private head = 0;
  private tail = 0;
  private kept = 0;

  get size(): number {
    return this.kept;
  }

  /** Puts a run at the end. */
  append(run: RunEntry, owner: JobRuns): void {
    run.position = positionAt(this.admit(run, owner));
  }

  /** Puts a plain run at the end. */
  appendPlain(data: PlainRunData, owner: JobRuns): void {
    const number = this.admit(owner, owner);
    this.columns.write(number & (this.capacity - 1), data);
  }

  /** The number of the oldest; undefined when there is none. */
  oldest(): number | undefined {
    const mask = this.capacity - 1;
    while (this.head < this.tail && this.runs[this.head & mask] === undefined) this.head++;
    return this.head < this.tail ? this.head : undefined;
  }

  /** When it ended, in epoch milliseconds. */
  finishedAt(number: number): number {
    const place = number & (this.capacity - 1);
    const run = this.runs[place];
    return run instanceof RunEntry ? (run.finishedAt ?? 0) : this.columns.finishedAt(place);
  }

  /** Nearly always the oldest of its job: runs end in the same order for their job as for all. */
  forget(number: number): void {
    const mask = this.capacity - 1;
    const { steps } = this.columns;
    const run = this.runs[number & mask] as RunEntry | JobRuns;
    const owner = ownerOf(run);
    const step = steps[number & mask] as number;
    const next = step === 0 ? -1 : number + step;
    if (owner.oldest === number) {
      owner.oldest = next;
      if (next < 0) owner.newest = -1;
    } else {
      let before = owner.oldest;
      while (before + (steps[before & mask] as number) !== number) before += steps[before & mask] as number;
      steps[before & mask] = next < 0 ? 0 : next - before;
      if (next < 0) owner.newest = before;
    }
    owner.ended--;
    this.kept--;
    this.runs[number & mask] = undefined;
    if (run instanceof RunEntry) run.position = FORGOTTEN;
  }

  /** All of them, the oldest first. */
  list(): RunRecord[] {
    const all: RunRecord[] = [];
    const mask = this.capacity - 1;
    for (let number = this.head; number < this.tail; number++) {
      const run = this.runs[number & mask];
      if (run === undefined) continue;
      all.push(run instanceof RunEntry ? run : this.columns.read(number & mask, run));
    }
    return all;
  }

  private admit(run: RunEntry | JobRuns, owner: JobRuns): number {
    if (this.tail - this.head === this.capacity) this.makeRoom();
    const number = this.tail++;
    const mask = this.capacity - 1;
    this.runs[number & mask] = run;
    this.columns.steps[number & mask] = 0;
    if (owner.newest < 0) owner.oldest = number;
    else this.columns.steps[owner.newest & mask] = number - owner.newest;
    owner.newest = number;
    owner.ended++;
    this.kept++;
    return number;
  }

  /** Closes the holes, or gets twice the room where there are few. */
  private makeRoom(): void {
    const { capacity, columns, head, runs, tail } = this;
    const places: number[] = [];
    for (let number = head; number < tail; number++) {
      const place = number & (capacity - 1);
      const run = runs[place];
      if (run === undefined) continue;
      places.push(place);
      const owner = ownerOf(run);
      owner.oldest = -1;
      owner.newest = -1;
      owner.ended = 0;
    }
    this.capacity = 2 * places.length > capacity ? 2 * capacity : capacity;
    this.runs = emptyPlaces(this.capacity);
    this.columns = new Columns(this.capacity);
    this.head = 0;
    this.tail = 0;
    this.kept = 0;
    for (const place of places) {
      const run = runs[place] as RunEntry | JobRuns;
      const number = this.admit(run, ownerOf(run));
      if (run instanceof RunEntry) run.position = positionAt(number);
      else this.columns.copy(number & (this.capacity - 1), columns, place);
    }
  }
}

/** The position of a run that has ended and is kept no longer, or as numbers. */
export const FORGOTTEN = -2;

/** The position of a run that has ended and is kept by a number: no position of one under way. */
function positionAt(number: number): number {
  return FORGOTTEN - 1 - number;
}

export function numberAt(position: number): number {
  return FORGOTTEN - 1 - position;
}

/** What plain runs are kept as; and of each run, how far on the next one of its job is (0: it is the newest). */
class Columns {
  readonly steps: Int32Array;
  private readonly nominalTimes: Float64Array;
  private readonly numbers: Int32Array;
  private readonly delays: Int32Array;
  private readonly lags: Int32Array;
  private readonly startLags: Int32Array;
  private readonly endLags: Int32Array;

  constructor(capacity: number) {
    this.steps = new Int32Array(capacity);
    this.nominalTimes = new Float64Array(capacity);
    this.numbers = new Int32Array(capacity);
    this.delays = new Int32Array(capacity);
    this.lags = new Int32Array(capacity);
    this.startLags = new Int32Array(capacity);
    this.endLags = new Int32Array(capacity);
  }

  write(place: number, { nominalTime, number, delay, lag, startLag, endLag }: PlainRunData): void {
    this.nominalTimes[place] = nominalTime;
    this.numbers[place] = number;
    this.delays[place] = delay;
    this.lags[place] = lag;
    this.startLags[place] = startLag as number;
    this.endLags[place] = endLag as number;
  }

  read(place: number, { plain }: JobRuns): PlainRun {
    return new PlainRun(plain as PlainRun, {
      nominalTime: this.nominalTimes[place] as number,
      number: this.numbers[place] as number,
      delay: this.delays[place] as number,
      lag: this.lags[place] as number,
      startLag: this.startLags[place] as number,
      endLag: this.endLags[place] as number,
    });
  }

  copy(to: number, from: Columns, place: number): void {
    this.nominalTimes[to] = from.nominalTimes[place] as number;
    this.numbers[to] = from.numbers[place] as number;
    this.delays[to] = from.delays[place] as number;
    this.lags[to] = from.lags[place] as number;
    this.startLags[to] = from.startLags[place] as number;
    this.endLags[to] = from.endLags[place] as number;
  }

  finishedAt(place: number): number {
    return (this.nominalTimes[place] as number) + (this.lags[place] as number) + (this.endLags[place] as number);
  }
}

function ownerOf(run: RunEntry | JobRuns): JobRuns {
  return run instanceof RunEntry ? (run.place as JobRuns) : run;
}

function emptyPlaces(capacity: number): undefined[] {
  return Array.from({ length: capacity }, () => undefined);
}
