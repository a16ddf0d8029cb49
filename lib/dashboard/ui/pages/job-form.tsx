import { useEffect, useMemo, useState } from 'preact/hooks';
import { StaleEditError, type StaleEdit } from '../../../client/index.js';
import { notify } from '../act.js';
import { client } from '../api.js';
import { Card, PageHead, Scroll, Shown } from '../components/basics.js';
import { ArgumentFields } from '../form/argument-fields.js';
import { Faults, faultsOf, TextField } from '../form/fields.js';
import { bodyOf, changesOf, draftOfJob, EMPTY, type JobDraft } from '../form/job-draft.js';
import { OptionFields } from '../form/option-fields.js';
import { TriggerFields } from '../form/trigger-fields.js';
import { TriggerPreview } from '../form/trigger-preview.js';
import { refresh } from '../live.js';
import { messageOf, useLoad } from '../load.js';
import { href, navigate, path } from '../router.js';

interface JobFormProps {
  /** The id of the job that is edited. */
  readonly edited?: string | undefined;
  /** The id of the job that a new one begins as. */
  readonly copied?: string | undefined;
}

interface Source {
  readonly draft: JobDraft;
  readonly version: string | null;
}

/** Adds a job, edits one, or makes one like another. */
export function JobFormPage({ edited, copied }: JobFormProps) {
  const [source, setSource] = useState<Source | null>(
    edited === undefined && copied === undefined ? { draft: EMPTY, version: null } : null,
  );
  const from = edited ?? copied;
  const loaded = useLoad(
    `form ${from}`,
    from === undefined || source ? null : (signal) => client.getVersionedJob(from, { signal }),
  );
  useEffect(() => {
    // What is typed stays: the job is read once, and a later version is met when it is saved.
    if (!loaded.data || source) return;
    const draft = draftOfJob(loaded.data.job);
    setSource(
      edited === undefined ? { draft: { ...draft, id: '' }, version: null } : { draft, version: loaded.data.version },
    );
  }, [loaded.data]);
  const title = edited !== undefined ? `Edit ${edited}` : copied !== undefined ? `Copy of ${copied}` : 'New job';
  return (
    <>
      <PageHead
        title={title}
        back={<a href={from === undefined ? href(['jobs']) : href(['jobs', from])}>{from ?? 'Jobs'}</a>}
      />
      {source ? <Form source={source} isEdit={edited !== undefined} /> : <Shown of={loaded}>{() => null}</Shown>}
    </>
  );
}

/** What was typed, by the address of the form: it is there again when somebody comes back. */
const kept = new Map<string, { readonly draft: JobDraft; readonly source: Source }>();

function Form({ source: read, isEdit }: { source: Source; isEdit: boolean }) {
  const address = path.value.join('/');
  // With the version that it began from: an edit by somebody else since is met when it is saved.
  const [{ source, draft: first }] = useState(kept.get(address) ?? { source: read, draft: read.draft });
  const [draft, setShown] = useState(first);
  const setDraft = (next: JobDraft): void => {
    kept.set(address, { source, draft: next });
    setShown(next);
  };
  const forget = (): void => void kept.delete(address);
  const [version, setVersion] = useState(source.version);
  const [problem, setProblem] = useState<string | null>(null);
  const [differences, setDifferences] = useState<StaleEdit['differences']>([]);
  const [isSaving, setSaving] = useState(false);
  const tasks = useLoad('tasks', (signal) => client.getTasks({ signal }));
  const task = tasks.data?.find(({ func }) => func === draft.func);
  const faults = useMemo(() => faultsOf(problem ?? ''), [problem]);

  useEffect(() => {
    // Its field may be far away, or folded in.
    if (problem !== null) document.querySelector('.has-fault, .form .error-note')?.scrollIntoView({ block: 'center' });
  }, [problem]);

  const save = async (ifVersion: string | null): Promise<void> => {
    setSaving(true);
    setProblem(null);
    try {
      const saved = isEdit
        ? await client.updateJob(draft.id, changesOf(draft, source.draft), ifVersion === null ? {} : { ifVersion })
        : await client.addJob(bodyOf(draft));
      notify('done', isEdit ? `Saved ${saved.id}` : `Added ${saved.id}`);
      forget();
      refresh();
      navigate(href(['jobs', saved.id]));
    } catch (error) {
      if (error instanceof StaleEditError) setDifferences(error.differences);
      setProblem(messageOf(error));
      setSaving(false);
    }
  };
  const overwrite = async (): Promise<void> => {
    setDifferences([]);
    try {
      const { version: latest } = await client.getVersionedJob(draft.id);
      setVersion(latest);
      await save(latest);
    } catch (error) {
      setProblem(messageOf(error));
    }
  };

  return (
    <Faults.Provider value={faults}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save(version);
        }}
      >
        <div class="stack">
          {problem !== null && differences.length === 0 && (
            <p class="error-note" role="alert">
              {problem}
            </p>
          )}
          {differences.length > 0 && (
            <Differences of={differences} onOverwrite={overwrite} onGiveUp={forget} id={draft.id} />
          )}
          <Card title="What runs">
            <div class="stack">
              <div class="fields">
                <TextField
                  label="Id"
                  path="id"
                  required
                  disabled={isEdit}
                  value={draft.id}
                  onValue={(id) => setDraft({ ...draft, id })}
                />
                <TextField
                  label="Task"
                  path="func"
                  required
                  list="tasks"
                  value={draft.func}
                  onValue={(func) => setDraft({ ...draft, func })}
                  {...(task?.description && { hint: task.description })}
                />
                <datalist id="tasks">
                  {tasks.data?.map(({ func }) => (
                    <option key={func} value={func} />
                  ))}
                </datalist>
              </div>
              <ArgumentFields draft={draft} task={task} onDraft={setDraft} />
            </div>
          </Card>
          <Card title="When it runs">
            <TriggerFields draft={draft.trigger} onDraft={(trigger) => setDraft({ ...draft, trigger })} />
          </Card>
          <Card title="How it runs">
            <OptionFields draft={draft} onDraft={setDraft} isEdit={isEdit} />
          </Card>
        </div>
        <div class="aside stack">
          <TriggerPreview draft={draft.trigger} />
          <div class="row">
            <button type="submit" class="primary" disabled={isSaving}>
              {isEdit ? 'Save' : 'Add the job'}
            </button>
            <a class="button" href={isEdit ? href(['jobs', draft.id]) : href(['jobs'])} onClick={forget}>
              Cancel
            </a>
          </div>
        </div>
      </form>
    </Faults.Provider>
  );
}

interface DifferencesProps {
  readonly of: StaleEdit['differences'];
  readonly id: string;
  readonly onOverwrite: () => void;
  readonly onGiveUp: () => void;
}

/** What somebody else has changed meanwhile. */
function Differences({ of, id, onGiveUp, onOverwrite }: DifferencesProps) {
  return (
    <Card title="Somebody has changed this job since you opened it">
      <div class="stack" role="alert">
        <Scroll label="Differences">
          <table class="compact">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">Now</th>
                <th scope="col">Yours</th>
              </tr>
            </thead>
            <tbody>
              {of.map(({ field, current, given }) => (
                <tr key={field}>
                  <td>{field}</td>
                  <td class="mono">{JSON.stringify(current)}</td>
                  <td class="mono">{JSON.stringify(given)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
        <div class="row">
          <button type="button" class="danger" onClick={onOverwrite}>
            Save mine all the same
          </button>
          <a class="button" href={href(['jobs', id])} onClick={onGiveUp}>
            Keep theirs
          </a>
        </div>
      </div>
    </Card>
  );
}
