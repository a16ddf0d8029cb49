import { LocalExecutor, type Execution, type Executor } from 'nestjs-apscheduler/engine';
import { describeExecutor, EXECUTOR_TASKS } from 'nestjs-apscheduler/testing';
import { describe, expect, it } from 'vitest';
import { declaredTests, type DeclaredTest } from '../support/declared-tests.js';

const testsOf = (make: () => Executor): readonly DeclaredTest[] =>
  declaredTests((framework) => describeExecutor('given', make, { ...framework, patienceMs: 200 }));

/** An execution that does something else in one place. */
const changed = (execution: Execution, changes: Partial<Execution>): Execution =>
  new Proxy(execution, {
    get: (target, name) => {
      const value: unknown = name in changes ? Reflect.get(changes, name) : Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

class Wrong extends LocalExecutor {
  constructor(
    private readonly change: (execution: Execution) => Partial<Execution>,
    concurrency = 2,
  ) {
    super({ concurrency });
  }

  override submit(execution: Execution): void {
    super.submit(changed(execution, this.change(execution)));
  }
}

interface WrongExecutor {
  readonly fault: string;
  readonly make: () => Executor;
  /** The test that finds it. */
  readonly found: string;
}

/** Hands runs over to a queue in this process. Faults are put in by what it is told to do. */
class WrongQueue implements Executor {
  readonly handsOver = true;
  private readonly runs = new Map<string, { execution: Execution | null; abort: AbortController }>();

  constructor(private readonly fault: 'again' | 'keeps' | 'silent') {}

  submit(execution: Execution): void {
    const { context, task } = execution;
    execution.begin();
    const known = execution.isAdopted && this.fault !== 'again' ? this.runs.get(context.runId) : undefined;
    const run = known ?? { execution, abort: new AbortController() };
    run.execution = execution;
    this.runs.set(context.runId, run);
    const pass = (): void => {
      if (run.execution === execution || this.fault === 'keeps') run.abort.abort(context.signal.reason);
    };
    context.signal.addEventListener('abort', pass);
    if (known) return;
    if (this.fault !== 'silent') execution.started(context.scheduledTime, null);
    const inner = { ...context, runId: context.runId, signal: run.abort.signal, log: context.log };
    void Promise.resolve(EXECUTOR_TASKS[task]?.(inner)).then((returnValue) =>
      run.execution?.settle({ state: 'succeeded', returnValue }),
    );
  }

  dropQueued(): void {
    // Nothing waits here.
  }

  release({ context }: Execution): void {
    const run = this.runs.get(context.runId);
    if (run && this.fault !== 'keeps') run.execution = null;
  }
}

const wrong: readonly WrongExecutor[] = [
  {
    fault: 'settles twice',
    make: () =>
      new Wrong((execution) => ({
        settle: (outcome) => {
          execution.settle(outcome);
          execution.settle(outcome);
        },
      })),
    found: 'begins a run > once, and settles it once',
  },
  {
    fault: 'does not begin a run before it calls its task',
    make: () => new Wrong(() => ({ begin: () => true })),
    found: 'begins a run > once, and settles it once',
  },
  {
    fault: 'calls a task though begin() answers false',
    make: () => new Wrong((execution) => ({ begin: () => execution.begin() || true })),
    found: 'unless begin() answers false',
  },
  {
    fault: 'carries out more at once than it says',
    make: () => {
      const executor = new LocalExecutor();
      return { concurrency: 2, submit: (run) => executor.submit(run), dropQueued: () => executor.dropQueued() };
    },
    found: 'when its turn has come',
  },
  {
    fault: 'keeps what it should drop',
    make: () => Object.assign(new LocalExecutor({ concurrency: 2 }), { dropQueued: () => undefined }),
    found: 'drops > what has not begun',
  },
  {
    fault: 'throws what tasks throw',
    make: () => ({
      submit: (execution) => {
        execution.begin();
        execution.settle({ state: 'succeeded', returnValue: execution.invoke() });
      },
      dropQueued: () => undefined,
    }),
    found: 'without making the caller wait, or throwing',
  },
  {
    fault: 'loses args',
    make: () => new Wrong(() => ({ invoke: () => ({ args: [] }) })),
    found: 'with the args of the run',
  },
  {
    fault: 'loses errors',
    make: () =>
      new Wrong((execution) => ({
        settle: (outcome) =>
          execution.settle(outcome.state === 'failed' ? { state: 'failed', error: new Error('failed') } : outcome),
      })),
    found: 'with the error of kit.fail',
  },
  {
    fault: 'says that it ends runs, and does not',
    make: () => Object.assign(new LocalExecutor({ concurrency: 2 }), { endsWithinMs: 1000 }),
    found: 'within endsWithinMs',
  },
  {
    fault: 'carries a run out again that was handed over before',
    make: () => new WrongQueue('again'),
    found: 'an adopted run is watched',
  },
  {
    fault: 'settles a run that was released',
    make: () => new WrongQueue('keeps'),
    found: 'forgets one that is released',
  },
  {
    fault: 'does not say when a task was called elsewhere',
    make: () => new WrongQueue('silent'),
    found: 'says when a task was called',
  },
  {
    fault: 'cannot be used again once it has stopped',
    make: () => {
      const executor = new LocalExecutor({ concurrency: 2 });
      const stop = async (): Promise<void> => void Object.assign(executor, { submit: () => undefined });
      return Object.assign(executor, { stop });
    },
    found: 'stops > and carries out what comes after that',
  },
];

describe('The tests that every executor must pass', () => {
  it.each(wrong)('find an executor that $fault', async ({ found, make }) => {
    const tests = testsOf(make).filter(({ title }) => title.includes(found));
    expect(tests).toHaveLength(1);
    expect(await tests[0]?.run()).toMatchObject({ error: expect.any(Error) });
  });

  it('ask nothing that an executor does not say it does, and say so', async () => {
    const tests = testsOf(() => new LocalExecutor());
    const results = await Promise.all(tests.map((test) => test.run()));
    const skipped = results.flatMap((result) => (result !== null && 'skipped' in result ? [result.skipped] : []));
    expect(results.filter((result) => result !== null && 'error' in result)).toEqual([]);
    expect(new Set(skipped)).toEqual(
      new Set([
        'its concurrency is more than 100',
        'the executor does not say that it ends runs (endsWithinMs)',
        'the executor does not say that it hands runs over (handsOver)',
      ]),
    );
  });
});
