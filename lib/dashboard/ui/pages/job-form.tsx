import { useEffect, useMemo, useState } from 'preact/hooks';
import { StaleEditError, type VersionedJob } from '../../../client/index.js';
import { notify } from '../act.js';
import { client } from '../api.js';
import { Card, PageHead, Shown } from '../components/basics.js';
import { ArgumentFields } from '../form/argument-fields.js';
import { conflictOf, type Conflict } from '../form/conflict.js';
import { ConflictCard } from '../form/conflict-card.js';
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
  /** The job that is edited, as it was when the form was opened. */
  readonly opened: VersionedJob | null;
}

/** Adds a job, edits one, or makes one like another. */
export function JobFormPage({ edited, copied }: JobFormProps) {
  const [source, setSource] = useState<Source | null>(
    edited === undefined && copied === undefined ? { draft: EMPTY, opened: null } : null,
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
    setSource(edited === undefined ? { draft: { ...draft, id: '' }, opened: null } : { draft, opened: loaded.data });
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
    // It was about what was typed until now.
    setConflict(null);
  };
  const forget = (): void => void kept.delete(address);
  const [problem, setProblem] = useState<string | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [isSaving, setSaving] = useState(false);
  const tasks = useLoad('tasks', (signal) => client.getTasks({ signal }));
  const task = tasks.data?.find(({ func }) => func === draft.func);
  const faults = useMemo(() => faultsOf(problem ?? ''), [problem]);

  useEffect(() => {
    // Its field may be far away, or folded in.
    if (problem !== null || conflict)
      document.querySelector('.has-fault, .form [role=alert]')?.scrollIntoView({ block: 'center' });
  }, [problem, conflict]);

  /** @param version - that the job must still have: where a conflict was shown, the one that it was shown for. */
  const save = async (version: string | undefined): Promise<void> => {
    setSaving(true);
    setProblem(null);
    setConflict(null);
    try {
      const saved = isEdit
        ? await client.updateJob(
            draft.id,
            changesOf(draft, source.draft),
            version === undefined ? {} : { ifVersion: version },
          )
        : await client.addJob(bodyOf(draft));
      notify('done', isEdit ? `Saved ${saved.id}` : `Added ${saved.id}`);
      forget();
      refresh();
      navigate(href(['jobs', saved.id]));
    } catch (error) {
      await explain(error);
      setSaving(false);
    }
  };
  const explain = async (error: unknown): Promise<void> => {
    try {
      if (!(error instanceof StaleEditError) || !source.opened) throw error;
      setConflict(conflictOf(source.opened.job, draft, await client.getVersionedJob(draft.id)));
    } catch (problem) {
      setProblem(messageOf(problem));
    }
  };

  return (
    <Faults.Provider value={faults}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void save(source.opened?.version);
        }}
      >
        <div class="stack">
          {problem !== null && (
            <p class="error-note" role="alert">
              {problem}
            </p>
          )}
          {conflict && (
            <ConflictCard of={conflict} onSave={() => save(conflict.version)} onGiveUp={forget} id={draft.id} />
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
                  {tasks.data?.map(
                    // Only a task of the node that answers can be named.
                    ({ func, on_this_node: isHere }) => isHere && <option key={func} value={func} />,
                  )}
                </datalist>
              </div>
              <ArgumentFields draft={draft} task={task} onDraft={(given) => setDraft({ ...draft, ...given })} />
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
