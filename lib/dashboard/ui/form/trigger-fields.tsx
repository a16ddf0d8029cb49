import { titled } from '../format.js';
import { AreaField, ChoiceField, Section, TextField } from './fields.js';
import {
  CALENDAR_FIELDS,
  CRON_FIELDS,
  newTrigger,
  SPAN_FIELDS,
  TIMES,
  type TriggerDraft,
  type TriggerType,
} from './trigger-draft.js';

interface TriggerFieldsProps {
  readonly draft: TriggerDraft;
  readonly onDraft: (draft: TriggerDraft) => void;
  /** Where the trigger stands in the body: empty, or `triggers[0].`, for example. */
  readonly path?: string;
}

const TYPES: Readonly<Record<TriggerType, string>> = {
  cron: 'Cron: at times of the calendar',
  interval: 'Interval: a fixed time apart',
  date: 'Date: once',
  calendarinterval: 'Calendar interval: every month …',
  or: 'Or: when any trigger fires',
  and: 'And: when all triggers agree',
  except: 'Except: a trigger with exceptions',
};

/** Fields of a calendar interval that have one value. */
const TIME_HINTS: Readonly<Record<string, string>> = { hour: '0-23', minute: '0-59', second: '0-59' };

const CRON_HINTS: Readonly<Record<string, string>> = {
  minute: '0-59, */5, or 0,30',
  hour: '0-23',
  day: '1-31, last, 2nd fri',
  month: '1-12, or jan-dec',
  day_of_week: '0-6 from Monday, or mon-fri',
  second: '0-59',
  week: '1-53 (ISO)',
  year: '4 digits',
};

/** What is folded in, of triggers that do not have all of it. */
const SECTIONS: Readonly<Partial<Record<TriggerType, string>>> = { date: 'Time zone', or: 'Jitter', and: 'Jitter' };

/** Fields whose row they have for themselves. */
const WIDE: ReadonlySet<string> = new Set(['crontab', 'run_date']);

/** Fields for a trigger, and for those inside it. */
export function TriggerFields({ draft, onDraft, path = '' }: TriggerFieldsProps) {
  const set = (name: string) => (value: string) => onDraft({ ...draft, fields: { ...draft.fields, [name]: value } });
  const text = (name: string, label: string, hint?: string, placeholder?: string) => (
    <TextField
      key={name}
      label={label}
      path={path + name}
      value={draft.fields[name] ?? ''}
      onValue={set(name)}
      {...(hint !== undefined && { hint })}
      {...(placeholder !== undefined && { placeholder })}
      wide={WIDE.has(name)}
    />
  );
  const hints = draft.type === 'cron' ? CRON_HINTS : TIME_HINTS;
  const named = (name: string) => text(name, titled(name), hints[name]);
  const isText = draft.fields['crontab'] !== undefined;
  /** Zone, start, end and jitter stay. */
  const writeAs = (form: 'crontab' | 'fields'): void => {
    const kept = Object.entries(draft.fields).filter(([name]) => TIMES.some((time) => time === name));
    const times = form === 'crontab' ? { crontab: '0 9 * * *' } : { hour: '9', minute: '0' };
    onDraft({ ...draft, fields: { ...times, ...Object.fromEntries(kept) } });
  };
  return (
    <div class="stack">
      <div class="fields short">
        <ChoiceField
          wide
          label="Trigger"
          path={`${path}trigger`}
          value={draft.type}
          choices={TYPES}
          onValue={(type) => onDraft(newTrigger(type as TriggerType))}
        />
        {draft.type === 'cron' && (
          <>
            <div class="field wide">
              <div class="segments" role="group" aria-label="How the times are written">
                <button type="button" aria-pressed={isText} onClick={() => isText || writeAs('crontab')}>
                  Crontab
                </button>
                <button type="button" aria-pressed={!isText} onClick={() => isText && writeAs('fields')}>
                  Fields
                </button>
              </div>
            </div>
            {isText
              ? text(
                  'crontab',
                  'Crontab',
                  'Minute, hour, day, month, day of week: */15 9-17 * * mon-fri',
                  '0 9 * * 1-5',
                )
              : CRON_FIELDS.map(named)}
          </>
        )}
        {draft.type === 'interval' && SPAN_FIELDS.map(named)}
        {draft.type === 'calendarinterval' && CALENDAR_FIELDS.map(named)}
        {draft.type === 'date' && text('run_date', 'Date and time', 'ISO 8601; now, if empty', '2030-01-31T09:00:00')}
      </div>
      {(draft.type === 'or' || draft.type === 'and') && <Several draft={draft} onDraft={onDraft} path={path} />}
      {draft.type === 'except' && (
        <>
          <fieldset class="nested">
            <legend>Fires as</legend>
            <TriggerFields
              draft={draft.base ?? newTrigger('cron')}
              path={`${path}base.`}
              onDraft={(base) => onDraft({ ...draft, base })}
            />
          </fieldset>
          <AreaField
            label="Except"
            path={`${path}except`}
            value={draft.except}
            hint="One per line: a day, a range “2030-12-24 .. 2031-01-02”, or a trigger as JSON"
            placeholder={'2030-12-25\n2030-12-24 .. 2031-01-02'}
            onValue={(except) => onDraft({ ...draft, except })}
          />
        </>
      )}
      {draft.type !== 'except' && (
        <Section
          title={SECTIONS[draft.type] ?? 'Time zone, start, end and jitter'}
          paths={TIMES.map((name) => path + name)}
        >
          <div class="fields">
            {draft.type !== 'or' &&
              draft.type !== 'and' &&
              text('timezone', 'Time zone', "The scheduler's, if empty", 'Europe/Berlin')}
            {['cron', 'interval', 'calendarinterval'].includes(draft.type) && (
              <>
                {text('start_date', 'Not before', 'ISO 8601')}
                {text('end_date', 'Not after', 'ISO 8601')}
              </>
            )}
            {draft.type !== 'date' && text('jitter', 'Jitter', 'Seconds, or 2m: the longest random delay')}
          </div>
        </Section>
      )}
    </div>
  );
}

function Several({ draft, onDraft, path = '' }: TriggerFieldsProps) {
  const { triggers } = draft;
  const put = (next: readonly TriggerDraft[]): void => onDraft({ ...draft, triggers: next });
  return (
    <>
      {triggers.map((one, index) => (
        <fieldset key={index} class="nested">
          <legend class="row">
            Trigger {index + 1}
            {triggers.length > 1 && (
              <button type="button" class="tiny plain" onClick={() => put(triggers.toSpliced(index, 1))}>
                Remove
              </button>
            )}
          </legend>
          <TriggerFields
            draft={one}
            path={`${path}triggers[${index}].`}
            onDraft={(next) => put(triggers.with(index, next))}
          />
        </fieldset>
      ))}
      <div>
        <button type="button" onClick={() => put([...triggers, newTrigger('cron')])}>
          Add a trigger
        </button>
      </div>
    </>
  );
}
