import { envelopeOf, type Execution, type Executor, type RunEnvelope } from 'nestjs-apscheduler/engine';

/** Something outside of all processes that runs are handed over to. What is published under a known run id changes nothing. */
export class RemotePlace {
  /** By run id. */
  readonly published = new Map<string, RunEnvelope>();
  /** How often each run has been published, with those times that changed nothing. */
  readonly times = new Map<string, number>();

  get runIds(): string[] {
    return [...this.published.keys()];
  }

  publish(envelope: RunEnvelope): void {
    const { runId } = envelope;
    if (!this.published.has(runId)) this.published.set(runId, envelope);
    this.times.set(runId, (this.times.get(runId) ?? 0) + 1);
  }
}

/** An executor that hands runs over to a place that its test plays. */
export class RemoteExecutor implements Executor {
  readonly handsOver = true;
  readonly endsWithinMs = 1000;
  /** What it watches, by run id. */
  readonly watched = new Map<string, Execution>();
  readonly adopted: string[] = [];
  readonly released: string[] = [];
  readonly aborted: string[] = [];
  readonly recordedRuns: string[] = [];

  constructor(readonly place = new RemotePlace()) {}

  submit(execution: Execution): void {
    if (!execution.begin()) return;
    const { runId, signal } = execution.context;
    if (execution.isAdopted) this.adopted.push(runId);
    this.place.publish(envelopeOf(execution));
    this.watched.set(runId, execution);
    signal.addEventListener('abort', () => this.aborted.push(runId));
  }

  dropQueued(): void {
    // Nothing waits here.
  }

  release({ context }: Execution): void {
    this.watched.delete(context.runId);
    this.released.push(context.runId);
  }

  recorded({ context }: Execution): void {
    this.recordedRuns.push(context.runId);
  }

  /** The run of a job, once it has been handed over. */
  execution(runId = this.place.runIds.at(-1) as string): Execution {
    const execution = this.watched.get(runId);
    if (!execution) throw new Error(`Run ${runId} is not watched`);
    return execution;
  }
}
