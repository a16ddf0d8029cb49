import { RunLostError } from '../errors.js';
import type { Executor } from '../executors/executor.js';
import { messageOf } from '../util/inspect.js';
import type { JobExecution } from './job-execution.js';
import { ProgressRecorder, type ProgressRecorderParts } from './progress-recorder.js';

export interface RunLauncherParts extends ProgressRecorderParts {
  readonly executors: ReadonlyMap<string, Executor>;
  /** Its store does not let this node hand a run over, or its executor is gone. */
  readonly refused: (execution: JobExecution, error: Error) => void;
}

/** Gives executions to their executors. */
export class RunLauncher {
  readonly progress: ProgressRecorder;

  constructor(private readonly parts: RunLauncherParts) {
    this.progress = new ProgressRecorder(parts);
  }

  /** Whether the runs of an executor leave the process. */
  handsOver(executor: string): boolean {
    return this.parts.executors.get(executor)?.handsOver === true;
  }

  launch(execution: JobExecution): void {
    const { job, run } = execution;
    const isHandedOver = this.handsOver(job.executor);
    // What is handed over ends elsewhere, and perhaps days later.
    if (!isHandedOver) this.parts.clock.track?.(new Promise<void>((resolve) => (execution.onEnd = resolve)));
    if (isHandedOver && run.state === 'running') void this.handOver(execution);
    else this.submit(execution);
  }

  submit(execution: JobExecution): void {
    const { executor } = execution.job;
    if (execution.run.state === 'handed_over' && !this.parts.executors.has(executor)) {
      // It has been removed since: whoever has one of its alias adopts the run.
      return this.parts.refused(execution, new RunLostError(execution.job.id));
    }
    this.progress.watch(execution);
    try {
      (this.parts.executors.get(executor) as Executor).submit(execution);
    } catch (cause) {
      const error = new Error(`Executor "${executor}" did not take the run: ${messageOf(cause)}`, { cause });
      execution.settle({ state: 'failed', error });
    }
  }

  /** Tells an executor that hands runs over when the outcome of a run has been recorded, which was just put to the recorder. */
  confirmEnd(execution: JobExecution): void {
    const { entry, job, run } = execution;
    const { executors, recorder } = this.parts;
    const tell = (isRecorded: boolean): void => {
      if (isRecorded) executors.get(job.executor)?.recorded?.(execution);
    };
    if (this.handsOver(job.executor)) void recorder.confirmation(entry, run).then(tell);
  }

  /** The record comes first: a run that may have been published must not be made again because its node has died. */
  private async handOver(execution: JobExecution): Promise<void> {
    const { recorder, refused } = this.parts;
    const { entry, job, run } = execution;
    run.state = 'handed_over';
    const isRecorded = await recorder.confirmed(entry, run);
    if (execution.isOver) return;
    if (isRecorded) this.submit(execution);
    else refused(execution, new RunLostError(job.id));
  }
}
