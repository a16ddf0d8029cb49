import { useMemo } from 'preact/hooks';
import { now } from '../clock.js';
import { Scroll } from './basics.js';
import { fullTime, listTime, offsetOf, relativeTime, timeBeside, VIEWER_ZONE } from '../format.js';

interface NextTimesProps {
  /** ISO 8601, with the offset of the job's zone. */
  readonly times: readonly string[];
  /** The job's. */
  readonly timezone: string;
  /** Whether it fires at times of day, not after so many seconds. */
  readonly wallClock: boolean;
}

const HOUR_MS = 3_600_000;
/** Columns have no room for more: the whole name is in the title. */
const placeOf = (zone: string): string => (zone.split('/').at(-1) as string).replaceAll('_', ' ');
const minutes = (ms: number): number => Math.abs(Math.round(ms / 60_000));

/**
 * What changes of the clocks do to times.
 *
 * @param wallClock - whether they are times of day, not so many seconds apart.
 */
export function notesOf(times: readonly string[], timezone: string, wallClock: boolean): readonly (string | null)[] {
  return times.map((text, index) => {
    const time = Date.parse(text);
    const offset = offsetOf(time, timezone);
    const hourAgo = offset - offsetOf(time - HOUR_MS, timezone);
    if (wallClock && hourAgo > 0) {
      return `The clocks have just gone forward ${minutes(hourAgo)} min: a time of day that does not exist is moved`;
    }
    if (wallClock && hourAgo < 0)
      return `The clocks have just gone back ${minutes(hourAgo)} min: this time of day comes twice`;
    const before = times[index - 1];
    const change = before === undefined ? 0 : offset - offsetOf(Date.parse(before), timezone);
    if (change === 0) return null;
    const clocks = `The clocks have gone ${change > 0 ? 'forward' : 'back'} ${minutes(change)} min before this`;
    return wallClock ? `${clocks}: the time of day stays` : `${clocks}: the time of day moves, the distance stays`;
  });
}

/** The next fire times of a job: in its zone, the viewer's and UTC, with what daylight saving does to them. */
export function NextTimes({ times, timezone, wallClock }: NextTimesProps) {
  const zones = useMemo(() => [...new Set([timezone, VIEWER_ZONE, 'UTC'])], [timezone]);
  // Phones have no room for it, unless it is the job's or the viewer's.
  const classOf = (zone: string): string => ([timezone, VIEWER_ZONE].includes(zone) ? '' : 'wide');
  const notes = notesOf(times, timezone, wallClock);
  const withSeconds = times.some((time) => Date.parse(time) % 60_000 !== 0);
  return (
    <Scroll label="Next times">
      <table class="compact cards next">
        <thead>
          <tr>
            {zones.map((zone) => (
              <th key={zone} scope="col" class={classOf(zone)} title={zone}>
                {placeOf(zone)}
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
                <td key={zone} class={column === 0 ? undefined : `quiet ${classOf(zone)}`} data-label={placeOf(zone)}>
                  <time dateTime={time} title={fullTime(new Date(time), zone)}>
                    {column === 0
                      ? listTime(new Date(time), now.value, withSeconds, zone)
                      : timeBeside(new Date(time), withSeconds, zone, timezone)}
                  </time>
                  {column === 0 && notes[index] && <div class="dst">{notes[index]}</div>}
                </td>
              ))}
              <td class="quiet nowrap" data-label="In">
                {relativeTime(Date.parse(time), now.value)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}
