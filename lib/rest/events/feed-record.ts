import type { SchedulerChange } from '../../engine/watch/scheduler-change.js';
import { changeToDict } from '../wire/change-to-dict.js';
import { eventText } from './event-text.js';

/** A change, and its number in the feed. */
export interface FeedRecord {
  /** Differs each time that the feed begins: numbers start at 1 then. */
  readonly epoch: string;
  readonly number: number;
  readonly change: SchedulerChange;
  /** When it was heard of, in epoch milliseconds. */
  readonly at: number;
  /** Made when it is first sent. */
  text: string | undefined;
}

export function idOf({ epoch, number }: Pick<FeedRecord, 'epoch' | 'number'>): string {
  return `${epoch}.${number}`;
}

/** @throws TypeError for a gap, which is only counted. */
export function textOf(record: FeedRecord): string {
  if (record.text !== undefined) return record.text;
  const { change } = record;
  if (change.type === 'gap') throw new TypeError('A gap is no event');
  return (record.text = eventText(idOf(record), changeToDict(change)));
}
