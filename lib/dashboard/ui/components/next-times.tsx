import { useMemo } from 'preact/hooks';
import { now } from '../clock.js';
import { Scroll } from './basics.js';
import { fullTime, listTime, relativeTime, VIEWER_ZONE } from '../format.js';

interface NextTimesProps {
  /** ISO 8601, with the offset of the job's zone. */
  readonly times: readonly string[];
  /** The job's. */
  readonly timezone: string;
  /** Whether it fires at times of day, not after so many seconds. */
  readonly wallClock: boolean;
}

/** The offset from UTC of an ISO date, in minutes. */
function offsetOf(time: string): number {
  const [, sign = '+', hours = '0', minutes = '0'] = /([+-])(\d\d):(\d\d)$/.exec(time) ?? [];
  return (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
}

/** What a change of the clocks does to the times around it. */
export function notesOf(times: readonly string[], wallClock: boolean): readonly (string | null)[] {
  return times.map((time, index) => {
    const before = times[index - 1];
    if (before === undefined || offsetOf(before) === offsetOf(time)) return null;
    const minutes = offsetOf(time) - offsetOf(before);
    const clocks = `The clocks have gone ${minutes > 0 ? 'forward' : 'back'} ${Math.abs(minutes)} min before this`;
    if (!wallClock) return `${clocks}: the time of day moves, the distance stays`;
    const isRepeated = minutes < 0 && before.slice(0, 16) === time.slice(0, 16);
    if (isRepeated) return `${clocks}: this time of day comes twice`;
    const isMoved = before.slice(11, 16) !== time.slice(11, 16);
    return `${clocks}: ${isMoved && minutes > 0 ? 'a time of day that does not exist is moved' : 'the time of day stays'}`;
  });
}

/** The next fire times of a job: in its zone, the viewer's and UTC, with what daylight saving does to them. */
export function NextTimes({ times, timezone, wallClock }: NextTimesProps) {
  const zones = useMemo(() => [...new Set([timezone, VIEWER_ZONE, 'UTC'])], [timezone]);
  const notes = notesOf(times, wallClock);
  return (
    <Scroll label="Next times">
      <table class="compact">
        <thead>
          <tr>
            {zones.map((zone) => (
              <th key={zone} scope="col">
                {zone}
                {zone === timezone ? ' (job)' : zone === VIEWER_ZONE ? ' (you)' : ''}
              </th>
            ))}
            <th scope="col">In</th>
          </tr>
        </thead>
        <tbody>
          {times.map((time, index) => (
            <tr key={time}>
              {zones.map((zone, column) => (
                <td key={zone} class={column === 0 ? undefined : 'quiet'}>
                  <time dateTime={time} title={fullTime(new Date(time), zone)}>
                    {listTime(new Date(time), zone)}
                  </time>
                  {column === 0 && notes[index] && <div class="dst">{notes[index]}</div>}
                </td>
              ))}
              <td class="quiet nowrap">{relativeTime(Date.parse(time), now.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
