import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Job, Task } from '../../../../client/index.js';
import { notify } from '../../act.js';
import { client } from '../../api.js';
import { Shown } from '../../components/basics.js';
import { Dialog } from '../../components/dialog.js';
import { ArgumentFields, type ArgumentsDraft } from '../../form/argument-fields.js';
import { Faults, faultsOf } from '../../form/fields.js';
import { refresh } from '../../live.js';
import { messageOf, useLoad } from '../../load.js';
import { href, navigate, setQuery } from '../../router.js';

const asText = (value: unknown): string => JSON.stringify(value, null, 2);

const close = (): void => setQuery({ run: '' });

/** Runs a job once with other arguments. */
export function RunWith({ job }: { job: Job }) {
  // Once: other fields must not take the place of those that somebody types in.
  const tasks = useLoad('tasks', (signal) => client.getTasks({ signal }), 'once');
  return (
    <Dialog title={`Run ${job.id}`} onClose={close}>
      <Shown of={tasks}>{(found) => <Form job={job} task={found.find(({ func }) => func === job.func)} />}</Shown>
    </Dialog>
  );
}

function Form({ job, task }: { job: Job; task: Task | undefined }) {
  const [own] = useState<ArgumentsDraft>({ args: asText(job.args), kwargs: asText(job.kwargs) });
  const [draft, setDraft] = useState(own);
  const [problem, setProblem] = useState<string | null>(null);
  const [isStarting, setStarting] = useState(false);
  const faults = useMemo(() => faultsOf(problem ?? ''), [problem]);
  const form = useRef<HTMLFormElement>(null);
  // The dialog was opened before there was a field to take the focus.
  useEffect(() => form.current?.querySelector<HTMLElement>('input, select, textarea')?.focus(), []);
  const run = async (): Promise<void> => {
    setStarting(true);
    setProblem(null);
    try {
      const started = await client.startRun(job.id, givenOf(draft, own));
      notify('done', `Started ${job.id}`);
      refresh();
      navigate(href(['runs', started.id]));
    } catch (error) {
      setProblem(messageOf(error));
      setStarting(false);
    }
  };
  return (
    <Faults.Provider value={faults}>
      <form
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        {problem !== null && (
          <p class="error-note" role="alert">
            {problem}
          </p>
        )}
        <p class="quiet">The job keeps its own arguments; these are for this run only.</p>
        <ArgumentFields draft={draft} task={task} onDraft={setDraft} />
        <div class="dialog-actions">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={isStarting}>
            Run
          </button>
        </div>
      </form>
    </Faults.Provider>
  );
}

interface Given {
  args?: unknown[];
  kwargs?: Record<string, unknown>;
}

/** What differs from the job's own. @throws Error */
function givenOf(draft: ArgumentsDraft, own: ArgumentsDraft): Given {
  const read = (name: 'args' | 'kwargs', what: string): unknown => {
    try {
      return JSON.parse(draft[name]);
    } catch (error) {
      throw new Error(`Not started: ${name} is no JSON ${what}: ${messageOf(error)}`, { cause: error });
    }
  };
  return {
    ...(draft.args !== own.args && { args: read('args', 'array') as unknown[] }),
    ...(draft.kwargs !== own.kwargs && { kwargs: read('kwargs', 'object') as Record<string, unknown> }),
  };
}
