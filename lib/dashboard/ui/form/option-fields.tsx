import { AreaField, ChoiceField, Section, TextField } from './fields.js';
import { RETRY_NAMES, type JobDraft, type OptionName } from './job-draft.js';

interface OptionFieldsProps {
  readonly draft: JobDraft;
  readonly onDraft: (draft: JobDraft) => void;
  readonly isEdit: boolean;
}

/** What else a job can have. */
export function OptionFields({ draft, onDraft, isEdit }: OptionFieldsProps) {
  const bind = (name: OptionName) => ({
    path: name,
    value: draft.options[name] ?? '',
    onValue: (value: string) => onDraft({ ...draft, options: { ...draft.options, [name]: value } }),
  });
  return (
    <div class="stack">
      <div class="fields">
        <TextField label="Name" hint="Its id, if empty" {...bind('name')} />
        <TextField label="Tags" hint="Separated by commas" {...bind('tags')} />
        <AreaField wide label="Description" rows={2} {...bind('description')} />
      </div>
      <Section
        title="Late and parallel runs"
        paths={[
          'max_instances',
          'overlap',
          'max_queued',
          'misfire_grace_time',
          'coalesce',
          'catch_up_limit',
          'run_on_start',
        ]}
      >
        <div class="fields">
          <TextField label="Runs at once" hint="1, if empty" {...bind('max_instances')} />
          <ChoiceField
            label="If one is still running"
            choices={{
              '': 'Default',
              skip: 'Skip the run',
              queue: 'Queue the run',
              replace: 'Cancel the old one',
              allow: 'Run both',
            }}
            {...bind('overlap')}
          />
          <TextField label="Longest queue" hint="With “Queue the run”" {...bind('max_queued')} />
          <TextField
            label="May be late by"
            hint="Seconds, or 5m; “none” for no limit"
            {...bind('misfire_grace_time')}
          />
          <ChoiceField
            label="Several missed times"
            choices={{
              '': 'Default',
              true: 'One run, for the latest',
              earliest: 'One run, for the earliest',
              false: 'A run for each',
            }}
            {...bind('coalesce')}
          />
          <TextField
            label="Most missed times"
            hint="That get a run, with “A run for each”"
            {...bind('catch_up_limit')}
          />
          <ChoiceField
            label="At the start"
            choices={{
              '': 'Default',
              false: 'No run',
              true: 'A run on each node',
              cluster: 'One run for all nodes',
            }}
            {...bind('run_on_start')}
          />
        </div>
      </Section>
      <Section
        title="Failures and limits"
        paths={['timeout', 'pause_after_failures', 'max_runs', 'retry', ...RETRY_NAMES.map((name) => `retry.${name}`)]}
      >
        <div class="stack">
          <div class="fields">
            <TextField label="Time limit" hint="Seconds, or 5m" {...bind('timeout')} />
            <TextField
              label="Pause after failures"
              hint="Number of failures in a row"
              {...bind('pause_after_failures')}
            />
            <TextField label="Runs in all" hint="The job ends after them" {...bind('max_runs')} />
          </div>
          <fieldset class="nested">
            <legend>Retries of failed runs</legend>
            <div class="fields">
              <TextField label="Attempts" hint="With the first one; 1 for no retries" {...bind('retry.attempts')} />
              <TextField label="Delay" hint="Seconds, or 10s; 1 s, if empty" {...bind('retry.delay')} />
              <ChoiceField
                label="Delay of each retry"
                choices={{ '': 'Default', exponential: 'Twice as long as before', fixed: 'The same delay' }}
                {...bind('retry.backoff')}
              />
              <TextField label="Longest delay" hint="Seconds, or 2h; 1 h, if empty" {...bind('retry.max_delay')} />
              <TextField label="Random part" hint="Seconds, added to the delay" {...bind('retry.jitter')} />
              <TextField label="Only if" hint="The name of a predicate of the errors" {...bind('retry.retry_if')} />
            </div>
          </fieldset>
        </div>
      </Section>
      <Section title="Store, executor and metadata" paths={['jobstore', 'executor', 'metadata']}>
        <div class="fields">
          <TextField label="Job store" hint="default, if empty" disabled={isEdit} {...bind('jobstore')} />
          <TextField label="Executor" hint="default, if empty" {...bind('executor')} />
          <AreaField wide label="Metadata" hint="A JSON object" {...bind('metadata')} />
        </div>
      </Section>
    </div>
  );
}
