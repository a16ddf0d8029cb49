import type { SmallSet } from './small-set.js';

/**
 * The times of day of an expression, as seconds since midnight on the wall clock. -1 stands for none.
 * `| 0` cuts a fraction off in less time than Math.floor: these lines are run for every answer.
 */
export class MatchingTimes {
  readonly first: number;
  readonly last: number;

  /** None of the sets is empty. */
  constructor(
    private readonly hours: SmallSet,
    private readonly minutes: SmallSet,
    private readonly seconds: SmallSet,
  ) {
    this.first = hours.next(0) * 3600 + minutes.next(0) * 60 + seconds.next(0);
    this.last = hours.previous(23) * 3600 + minutes.previous(59) * 60 + seconds.previous(59);
  }

  /** The first time that is not before `time`. */
  next(time: number): number {
    const hour = (time / 3600) | 0;
    if (this.hours.has(hour)) {
      const minute = ((time / 60) | 0) - hour * 60;
      if (this.minutes.has(minute)) {
        const second = this.seconds.next(time % 60);
        if (second !== -1) return hour * 3600 + minute * 60 + second;
      }
      const later = this.minutes.next(minute + 1);
      if (later !== -1) return hour * 3600 + later * 60 + this.seconds.next(0);
    }
    const later = this.hours.next(hour + 1);
    return later === -1 ? -1 : later * 3600 + (this.first % 3600);
  }

  /** The last time that is not after `time`. */
  previous(time: number): number {
    const hour = (time / 3600) | 0;
    if (this.hours.has(hour)) {
      const minute = ((time / 60) | 0) - hour * 60;
      if (this.minutes.has(minute)) {
        const second = this.seconds.previous(time % 60);
        if (second !== -1) return hour * 3600 + minute * 60 + second;
      }
      const earlier = this.minutes.previous(minute - 1);
      if (earlier !== -1) return hour * 3600 + earlier * 60 + this.seconds.previous(59);
    }
    const earlier = this.hours.previous(hour - 1);
    return earlier === -1 ? -1 : earlier * 3600 + (this.last % 3600);
  }

  /** The first and the last of the seconds around a time that are all times; the time itself where that is hard to tell. */
  runAround(time: number): readonly [first: number, last: number] {
    const hour = Math.floor(time / 3600);
    const minute = Math.floor(time / 60) - hour * 60;
    if (this.next(time) !== time || !isFull(this.seconds, 60)) return [time, time];
    if (!isFull(this.minutes, 60)) {
      const [first, last] = membersAround(this.minutes, minute);
      return [hour * 3600 + first * 60, hour * 3600 + last * 60 + 59];
    }
    const [first, last] = membersAround(this.hours, hour);
    return [first * 3600, last * 3600 + 3599];
  }
}

function isFull(set: SmallSet, size: number): boolean {
  return set.has(0) && membersAround(set, 0)[1] === size - 1;
}

/** The first and the last of the numbers around a member that are all members. */
function membersAround(set: SmallSet, member: number): readonly [first: number, last: number] {
  let [first, last] = [member, member];
  while (set.has(first - 1)) first--;
  while (set.has(last + 1)) last++;
  return [first, last];
}
