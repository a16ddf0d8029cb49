import type { Job, Trigger } from '../../../client/index.js';
import { triggerText } from '../trigger-text.js';
import { bodyOf, draftOfJob, OPTION_NAMES, type JobDraft } from './job-draft.js';
import { wireOf } from './trigger-draft.js';

/** A field that somebody else has changed since the form was opened, or that the form changes. */
export interface ChangedField {
  readonly field: string;
  readonly before: string;
  readonly now: string;
  /** What it is when the form is saved: what the form does not change stays as it is now. */
  readonly saved: string;
  /** Whether both have changed it, to different values. */
  readonly isConflict: boolean;
}

/** A job that was changed while it was edited. */
export interface Conflict {
  /** Of the job as it is now. */
  readonly version: string;
  /** Empty if no other edit has changed a field of this form. */
  readonly fields: readonly ChangedField[];
  /** How the pause has changed; null where it has not. An edit does not touch it. */
  readonly pause: string | null;
}

/** What the form would undo, and what it would keep. */
export function conflictOf(
  opened: Job,
  draft: JobDraft,
  current: { readonly job: Job; readonly version: string },
): Conflict {
  const [before, now, mine] = [valuesOf(draftOfJob(opened)), valuesOf(draftOfJob(current.job)), valuesOf(draft)];
  before.set('enabled', opened.enabled);
  now.set('enabled', current.job.enabled);
  mine.set('enabled', opened.enabled);
  const fields = Array.from(before.keys(), (field) => {
    const [was, is, given] = [textOf(before.get(field)), textOf(now.get(field)), textOf(mine.get(field))];
    const isMine = given !== was;
    const saved = isMine ? given : is;
    const isTheirs = is !== was;
    const show = (text: string): string => shown(field, text, [was, is, saved]);
    return {
      ...{ field, isMine, isTheirs, isConflict: isMine && isTheirs && given !== is },
      ...{ before: show(was), now: show(is), saved: show(saved) },
    };
  });
  const isTouched = fields.some(({ isTheirs }) => isTheirs);
  return {
    version: current.version,
    fields: isTouched ? fields.filter(({ isMine, isTheirs }) => isMine || isTheirs) : [],
    pause: pauseChange(opened, current.job),
  };
}

/** What stands in a form, by the names on the wire, the trigger as one. */
function valuesOf(draft: JobDraft): Map<string, unknown> {
  const body = bodyOf(draft) as unknown as Readonly<Record<string, unknown>>;
  const names = ['func', 'args', 'kwargs', ...OPTION_NAMES];
  return new Map([['trigger', wireOf(draft.trigger)], ...names.map((name) => [name, body[name]] as const)] as [
    string,
    unknown,
  ][]);
}

const textOf = (value: unknown): string => JSON.stringify(value) ?? '';

/** Triggers on one line, unless these look the same. */
function shown(field: string, json: string, all: readonly string[]): string {
  if (json === '') return '–';
  const value: unknown = JSON.parse(json);
  if (typeof value === 'string') return value;
  if (field !== 'trigger') return json;
  const lineOf = (one: string): string => triggerText(JSON.parse(one) as Trigger);
  const texts = [...new Set(all)].map((one) => lineOf(one));
  return new Set(texts).size === texts.length ? lineOf(json) : json;
}

function pauseChange(before: Job, now: Job): string | null {
  if (textOf(before.pause) === textOf(now.pause)) return null;
  if (!now.pause) return 'it was resumed';
  const { actor, note, reason } = now.pause;
  const who = reason === 'failures' ? ' after failures' : actor === null ? '' : ` by ${actor}`;
  return `it was paused${who}${note === null ? '' : `: ${note}`}`;
}
