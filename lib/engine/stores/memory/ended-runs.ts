import { weightOf } from '../../runs/run-weight.js';
import type { RunEntry } from '../../runs/run-entry.js';
import type { JobRuns } from './run-history.js';

/** The position of a run that has ended and is kept no longer. Kept ones have positions below it. */
export const FORGOTTEN = -2;

/** So many gaps are not worth closing. */
const FEW_GAPS = 1000;

/** Ended runs, in the order of their ends: all of them, and those of each job. */
export class EndedRuns {
  private runs: (RunEntry | undefined)[] = [];
  private head = 0;
  private kept = 0;
  /** Of each of `runs`, and of all. */
  private weights: number[] = [];
  private total = 0;

  get size(): number {
    return this.kept;
  }

  /** About how many bytes they take beside their records. */
  get weight(): number {
    return this.total;
  }

  append(run: RunEntry, owner: JobRuns): void {
    if (this.runs.length > 2 * this.kept + FEW_GAPS) this.closeGaps();
    run.position = FORGOTTEN - 1 - this.runs.length;
    const weight = weightOf(run);
    this.runs.push(run);
    this.weights.push(weight);
    this.total += weight;
    owner.runs.push(run);
    this.kept++;
  }

  oldest(): RunEntry | undefined {
    const { runs } = this;
    while (this.head < runs.length && runs[this.head] === undefined) this.head++;
    return runs[this.head];
  }

  forget(run: RunEntry): void {
    const owner = run.place as JobRuns;
    if (owner.runs[0] === run) owner.runs.shift();
    else owner.runs.splice(owner.runs.indexOf(run), 1);
    const place = FORGOTTEN - 1 - run.position;
    this.runs[place] = undefined;
    this.total -= this.weights[place] as number;
    run.position = FORGOTTEN;
    this.kept--;
  }

  list(): RunEntry[] {
    return this.runs.filter((run) => run !== undefined);
  }

  /** Gaps are anywhere: the oldest run of a job that runs rarely outlasts many runs of other jobs. */
  private closeGaps(): void {
    this.weights = this.weights.filter((_, place) => this.runs[place] !== undefined);
    const kept = this.list();
    kept.forEach((run, place) => (run.position = FORGOTTEN - 1 - place));
    this.runs = kept;
    this.head = 0;
  }
}
