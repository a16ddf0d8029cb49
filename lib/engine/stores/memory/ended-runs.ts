import { weightOf } from '../../model/run-weight.js';
import { EndedRun, type JobRuns } from './memory-entry.js';
import type { RunRecord } from '../../model/run-record.js';

/** Ended runs, in the order of their ends: all of them, and those of each job. */
export class EndedRuns {
  private runs: EndedRun[] = [];
  private head = 0;
  private count = 0;
  private total = 0;

  get size(): number {
    return this.count;
  }

  /** About how many bytes they take besides their records. */
  get weight(): number {
    return this.total;
  }

  append(run: RunRecord, owner: JobRuns): void {
    const ended = new EndedRun(run, owner, weightOf(run));
    this.runs.push(ended);
    owner.ended.push(ended);
    this.total += ended.weight;
    this.count++;
  }

  oldest(): EndedRun | undefined {
    while (this.runs[this.head]?.isForgotten) this.head++;
    return this.runs[this.head];
  }

  forget(ended: EndedRun): void {
    const { ended: ofJob } = ended.owner;
    if (ofJob[0] === ended) ofJob.shift();
    else ofJob.splice(ofJob.indexOf(ended), 1);
    ended.isForgotten = true;
    this.total -= ended.weight;
    this.count--;
    if (this.runs.length > 1000 && this.runs.length > this.count * 2) this.compact();
  }

  find(id: string): EndedRun | undefined {
    return this.runs.find(({ isForgotten, run }) => !isForgotten && run.id === id);
  }

  list(): RunRecord[] {
    return this.runs.flatMap(({ isForgotten, run }) => (isForgotten ? [] : [run]));
  }

  private compact(): void {
    this.runs = this.runs.filter(({ isForgotten }) => !isForgotten);
    this.head = 0;
  }
}
