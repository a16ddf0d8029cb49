import type { Job, TriggerPreview } from '../../../../client/index.js';
import { Card } from '../../components/basics.js';
import { NextTimes } from '../../components/next-times.js';
import { triggerText } from '../../trigger-text.js';

/** What its trigger means, and when it fires next. */
export function ScheduleCard({ job, next }: { job: Job; next: TriggerPreview | undefined }) {
  return (
    <Card title="Schedule">
      <div class="stack">
        <p class="sentence">
          {next?.description ?? triggerText(job)}
          {next && (
            <>
              <br />
              <code class="quiet">{triggerText(job)}</code>
            </>
          )}
        </p>
        {next && next.next_run_times.length > 0 && !job.paused && (
          <NextTimes times={next.next_run_times} timezone={next.timezone} wallClock={keepsWallClock(job)} />
        )}
        {next && next.next_run_times.length === 0 && <p class="quiet">It has no time left.</p>}
        {job.paused && <p class="quiet">It has no next time while it is held.</p>}
      </div>
    </Card>
  );
}

/** Whether a trigger names times of day, which a change of the clocks moves, skips or repeats. */
const keepsWallClock = ({ trigger }: Job): boolean => trigger !== 'interval' && trigger !== 'date';
