import { LocalExecutor, type Execution, type RunOutcome } from 'nestjs-apscheduler/engine';
import { describe, expect, it } from 'vitest';
import { gate } from '../../../support/engine.js';

interface Told {
  readonly execution: Execution;
  readonly outcomes: RunOutcome[];
  dropped: number;
}

function execution(invoke: () => unknown, begin = (): boolean => true): Told {
  const told: Told = {
    outcomes: [],
    dropped: 0,
    execution: {
      task: 't',
      args: [],
      kwargs: {},
      context: {} as Execution['context'],
      deadline: null,
      timeoutMs: null,
      isAdopted: false,
      started: () => undefined,
      begin,
      invoke,
      settle: (outcome) => void told.outcomes.push(outcome),
      drop: () => void told.dropped++,
    },
  };
  return told;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('The local executor', () => {
  it('reports what a task returns, synchronously if it is not a promise', async () => {
    const executor = new LocalExecutor();
    const sync = execution(() => 1);
    executor.submit(sync.execution);
    expect(sync.outcomes).toEqual([{ state: 'succeeded', returnValue: 1 }]);
    const later = execution(async () => 2);
    executor.submit(later.execution);
    await turn();
    expect(later.outcomes).toEqual([{ state: 'succeeded', returnValue: 2 }]);
  });

  it('reports what a task throws or rejects with, including undefined', async () => {
    const executor = new LocalExecutor();
    const error = new Error('no');
    const thrown = execution(() => {
      throw error;
    });
    const rejected = execution(() => Promise.reject(undefined));
    executor.submit(thrown.execution);
    executor.submit(rejected.execution);
    await turn();
    expect(thrown.outcomes).toEqual([{ state: 'failed', error }]);
    expect(rejected.outcomes).toEqual([{ state: 'failed', error: undefined }]);
  });

  it('reports a thenable once, even if it calls back twice and then throws', async () => {
    const executor = new LocalExecutor();
    const odd = {
      then(resolve: (value: number) => void): void {
        resolve(1);
        resolve(2);
        throw new Error('late');
      },
    };
    const told = execution(() => odd);
    executor.submit(told.execution);
    await turn();
    expect(told.outcomes).toEqual([{ state: 'succeeded', returnValue: 1 }]);
  });

  it('runs at most as many tasks at once as allowed, and the others in order', async () => {
    const executor = new LocalExecutor({ concurrency: 2 });
    const gates = [gate(), gate(), gate(), gate()];
    const begun: number[] = [];
    gates.forEach(({ promise }, n) => {
      const task = (): unknown => {
        begun.push(n);
        return promise;
      };
      executor.submit(execution(task).execution);
    });
    expect(begun).toEqual([0, 1]);
    gates[1]?.open();
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    gates[0]?.open();
    await turn();
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('starts the next run if one must not start', () => {
    const executor = new LocalExecutor({ concurrency: 1 });
    const late = execution(
      () => 1,
      () => false,
    );
    const next = execution(() => 2);
    executor.submit(late.execution);
    executor.submit(next.execution);
    expect(late.outcomes).toEqual([]);
    expect(next.outcomes).toHaveLength(1);
  });

  it('drops only the runs that wait', async () => {
    const executor = new LocalExecutor({ concurrency: 1 });
    const { promise, open } = gate();
    const [running, waiting] = [execution(() => promise), execution(() => 1)];
    executor.submit(running.execution);
    executor.submit(waiting.execution);
    executor.dropQueued();
    expect([running.dropped, waiting.dropped]).toEqual([0, 1]);
    open();
    await turn();
    expect(running.outcomes).toHaveLength(1);
    expect(waiting.outcomes).toEqual([]);
  });

  it('executes a hundred thousand runs that end synchronously without growing the stack', () => {
    const executor = new LocalExecutor({ concurrency: 1 });
    let count = 0;
    const submitNext = (): void => {
      if (++count < 100_000) executor.submit(execution(submitNext).execution);
    };
    executor.submit(execution(submitNext).execution);
    expect(count).toBe(100_000);
  });
});
