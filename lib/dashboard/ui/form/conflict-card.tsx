import { Card, Scroll } from '../components/basics.js';
import { fieldName } from '../components/job-words.js';
import { href } from '../router.js';
import type { Conflict } from './conflict.js';

interface ConflictCardProps {
  readonly of: Conflict;
  readonly id: string;
  readonly onSave: () => void;
  readonly onGiveUp: () => void;
}

/** What somebody else has changed since the form was opened, and what saving it does to that. */
export function ConflictCard({ of: { fields, pause }, id, onSave, onGiveUp }: ConflictCardProps) {
  const hasConflict = fields.some(({ isConflict }) => isConflict);
  const isTouched = fields.length > 0;
  return (
    <Card title={isTouched ? 'Somebody has changed this job since you opened it' : 'Not saved yet'}>
      <div class="stack" role="alert">
        {!isTouched && (
          <p>
            Since you opened this job {pause ?? 'it was changed in a way that this form does not show'}. Your changes do
            not touch that.
          </p>
        )}
        {isTouched && (
          <>
            <p>
              {hasConflict
                ? 'You have both changed the marked fields: your values would take the place of theirs.'
                : 'You have changed other fields: what they have changed stays.'}
              {pause !== null && ` Besides, ${pause}; that stays.`}
            </p>
            <Scroll label="Differences">
              <table class="compact cards differences">
                <thead>
                  <tr>
                    <th scope="col">Field</th>
                    <th scope="col">When you opened it</th>
                    <th scope="col">Now</th>
                    <th scope="col">If you save</th>
                  </tr>
                </thead>
                <tbody>
                  {fields.map(({ field, before, now, saved, isConflict }) => (
                    <tr key={field} class={isConflict ? 'is-conflict' : undefined}>
                      <th scope="row">{fieldName(field)}</th>
                      <td class="mono" data-label="When you opened it">
                        {before}
                      </td>
                      <td class="mono" data-label="Now">
                        {now}
                      </td>
                      <td class="mono" data-label="If you save">
                        {saved}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          </>
        )}
        <div class="row">
          <button type="button" class={hasConflict ? 'danger' : 'primary'} onClick={onSave}>
            {hasConflict ? 'Save mine anyway' : 'Save my changes'}
          </button>
          <a class="button" href={href(['jobs', id])} onClick={onGiveUp}>
            {isTouched ? 'Keep theirs' : 'Do not save'}
          </a>
        </div>
      </div>
    </Card>
  );
}
