import { useState } from 'preact/hooks';
import type { Job } from '../../../client/index.js';
import { act } from '../act.js';
import { client } from '../api.js';
import { messageOf } from '../load.js';
import { href, navigate, setQuery } from '../router.js';
import { Dialog } from './dialog.js';

const asText = (value: unknown): string => JSON.stringify(value, null, 2);

/** Runs a job once with other arguments. */
export function RunWith({ job }: { job: Job }) {
  const [args, setArgs] = useState(asText(job.args));
  const [kwargs, setKwargs] = useState(asText(job.kwargs));
  const [problem, setProblem] = useState<string | null>(null);
  const close = (): void => setQuery({ run: '' });
  const run = async (): Promise<void> => {
    let given: { args: unknown[]; kwargs: Record<string, unknown> };
    try {
      given = { args: JSON.parse(args) as unknown[], kwargs: JSON.parse(kwargs) as Record<string, unknown> };
    } catch (error) {
      setProblem(`The arguments are no JSON: ${messageOf(error)}`);
      return;
    }
    await act(`Started ${job.id}`, async () => {
      const started = await client.startRun(job.id, given);
      navigate(href(['runs', started.id]));
    });
  };
  return (
    <Dialog title={`Run ${job.id}`} onClose={close}>
      <form
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
        <label class="field">
          <span>Arguments (a JSON array)</span>
          <textarea rows={3} value={args} onInput={(event) => setArgs(event.currentTarget.value)} />
        </label>
        <label class="field">
          <span>Named arguments (a JSON object)</span>
          <textarea rows={4} value={kwargs} onInput={(event) => setKwargs(event.currentTarget.value)} />
        </label>
        <div class="dialog-actions">
          <button type="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Run
          </button>
        </div>
      </form>
    </Dialog>
  );
}
