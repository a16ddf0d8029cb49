/*
 * A second, plain answer to "when does this cron expression fire?", to hold the fast search against.
 * It knows nothing of bit sets or segments: it steps over the days of the calendar with Date, over the times of
 * a day one by one, and asks Intl which instants show a wall-clock time.
 */

/** An expression by its values: what the text of a trigger's fields means. */
export interface OracleExpression {
  matchesDay: (day: {
    year: number;
    month: number;
    day: number;
    weekday: number;
    week: number;
    length: number;
  }) => boolean;
  hours: readonly number[];
  minutes: readonly number[];
  seconds: readonly number[];
  /** Neither hour nor minute begins with `*`. */
  isFixed: boolean;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 86_400 * SECOND;

/** A stretch of a UTC day with one offset. */
interface Piece {
  start: number;
  end: number;
  offset: number;
}

export class WallClockOracle {
  private readonly format: Intl.DateTimeFormat;
  private readonly piecesOfDays = new Map<number, Piece[]>();
  private readonly piecesAroundDays = new Map<number, Piece[]>();

  constructor(zone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** The first fire from an instant on, looked for on so many days; undefined when none was found. */
  next(expression: OracleExpression, from: number, days: number): number | undefined {
    const today = Math.floor((from + this.offsetAt(from)) / DAY);
    let found: number | undefined;
    // A day's times may be shown a day late or early, so a hit counts once the day after it has been looked at too.
    for (let day = today - 1; day <= today + days; day++) {
      const hit = this.firesOf(expression, day).find((time) => time >= from);
      if (found !== undefined) return Math.min(found, hit ?? Infinity);
      found = hit;
    }
    return found;
  }

  /** The last fire before an instant. */
  previous(expression: OracleExpression, before: number, days: number): number | undefined {
    const today = Math.floor((before + this.offsetAt(before)) / DAY);
    let found: number | undefined;
    for (let day = today + 1; day >= today - days; day--) {
      const hit = this.firesOf(expression, day).findLast((time) => time < before);
      if (found !== undefined) return Math.max(found, hit ?? -Infinity);
      found = hit;
    }
    return found;
  }

  /** Where the offset changes between two instants. */
  changes(from: number, to: number): number[] {
    const changes: number[] = [];
    for (let day = Math.floor(from / DAY); day < to / DAY; day++) {
      // No two changes are closer than six days since 1970.
      if (this.offsetAt((day - 1) * DAY) === this.offsetAt((day + 2) * DAY)) {
        day += 2;
        continue;
      }
      changes.push(
        ...this.piecesOf(day)
          .slice(1)
          .map(({ start }) => start),
      );
      const [first] = this.piecesOf(day);
      if (first && first.offset !== this.piecesOf(day - 1).at(-1)?.offset) changes.push(first.start);
    }
    return changes.sort((a, b) => a - b);
  }

  private firesOf(expression: OracleExpression, epochDay: number): number[] {
    if (!expression.matchesDay(calendarDay(epochDay))) return [];
    const fires = new Set<number>();
    for (const hour of expression.hours) {
      for (const minute of expression.minutes) {
        for (const second of expression.seconds) {
          const wall = epochDay * DAY + ((hour * 60 + minute) * 60 + second) * SECOND;
          const shown = this.instantsOf(wall);
          // Debian's cron: see promise 4. A swallowed fixed time fires at the gap's end, a repeated one once.
          if (!expression.isFixed) for (const instant of shown) fires.add(instant);
          else fires.add(shown[0] ?? this.gapEndOf(wall));
        }
      }
    }
    return [...fires].sort((a, b) => a - b);
  }

  /** Every instant at which clocks show a time, in order. */
  private instantsOf(wall: number): number[] {
    return this.piecesAround(wall)
      .filter(({ start, end, offset }) => wall - offset >= start && wall - offset < end)
      .map(({ offset }) => wall - offset);
  }

  private gapEndOf(wall: number): number {
    const pieces = this.piecesAround(wall);
    const after = pieces.find(({ start, offset }, index) => {
      const before = pieces[index - 1];
      return before !== undefined && wall >= start + before.offset && wall < start + offset;
    });
    if (after === undefined) throw new Error(`Oracle: ${wall} is neither shown nor swallowed`);
    return after.start;
  }

  /** Those that a wall-clock time may be shown in: no zone is a whole day away from UTC. */
  private piecesAround(wall: number): Piece[] {
    const day = Math.floor(wall / DAY);
    let pieces = this.piecesAroundDays.get(day);
    if (pieces === undefined) {
      pieces = [day - 1, day, day + 1].flatMap((it) => this.piecesOf(it));
      this.piecesAroundDays.set(day, pieces);
    }
    return pieces;
  }

  private piecesOf(epochDay: number): Piece[] {
    let pieces = this.piecesOfDays.get(epochDay);
    if (pieces === undefined) this.piecesOfDays.set(epochDay, (pieces = this.findPieces(epochDay * DAY)));
    return pieces;
  }

  private findPieces(start: number): Piece[] {
    const end = start + DAY;
    const [first, last] = [this.offsetAt(start), this.offsetAt(end - SECOND)];
    if (first === last) return [{ start, end, offset: first }];
    let change = start;
    while (this.offsetAt(change + MINUTE) === first) change += MINUTE;
    while (this.offsetAt(change) === first) change += SECOND;
    return [
      { start, end: change, offset: first },
      { start: change, end, offset: last },
    ];
  }

  private offsetAt(instant: number): number {
    const fields = this.format.format(instant).match(/\d+/g) ?? [];
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = fields.map(Number);
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / SECOND) * SECOND;
  }
}

type CalendarDay = Parameters<OracleExpression['matchesDay']>[0];

const calendarDays = new Map<number, CalendarDay>();

function calendarDay(epochDay: number): CalendarDay {
  let day = calendarDays.get(epochDay);
  if (day === undefined) calendarDays.set(epochDay, (day = makeCalendarDay(epochDay)));
  return day;
}

function makeCalendarDay(epochDay: number): CalendarDay {
  const date = new Date(epochDay * DAY);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1];
  const weekday = (date.getUTCDay() + 6) % 7;
  const thursday = new Date((epochDay - weekday + 3) * DAY);
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * DAY));
  return {
    year,
    month,
    day: date.getUTCDate(),
    weekday,
    week,
    length: new Date(Date.UTC(year, month, 0)).getUTCDate(),
  };
}
