import { show } from '../util/inspect.js';
import { CalendarIntervalTrigger } from './calendar-interval.trigger.js';
import { CombinedTrigger, cursorOf } from './combining/combined.trigger.js';
import { WHOLE_SECONDS, type IntervalGrid } from './combining/interval-grid.js';
import { checkMembers, type Member } from './combining/members.js';
import { Cursor, Search, type TimeSource } from './combining/search.js';
import { CronTrigger } from './cron.trigger.js';
import { FaultList } from './fault-list.js';
import { givenOptions } from './given-options.js';
import { IntervalTrigger } from './interval.trigger.js';
import { readJitter } from './jitter-option.js';
import type { CombinedTriggerOptions } from './options.js';
import type { Jitter, Trigger, TriggerJson } from './trigger.js';

/**
 * Fires when all of its triggers do (APScheduler: `AndTrigger`). It has ended when one of them has.
 *
 * Triggers that never meet are refused: intervals when the trigger is made, others when it is anchored, which is when
 * its job is added. A search that has found no meeting within its work budget (25,000 answers of triggers, or some
 * decades of a zone's time) counts as never meeting.
 *
 * @example
 * new AndTrigger([new CronTrigger({ hour: 9 }), new CalendarIntervalTrigger({ weeks: 2, hour: 9 })])
 */
export class AndTrigger extends CombinedTrigger {
  readonly jitter: Jitter;
  protected readonly failure = 'have no time in common that could be found';
  /** What all must agree on: the intervals are one. */
  private readonly sources: readonly TimeSource[];

  /**
   * @param options.jitter - seconds, or a duration. The members have none.
   * @throws InvalidInputError with every fault; also when intervals never meet
   */
  constructor(triggers: readonly Trigger[], options: Pick<CombinedTriggerOptions, 'jitter'> = {}) {
    const faults = new FaultList();
    const jitter = readJitter(givenOptions('and', options, faults)['jitter'], faults);
    super('and', checkMembers(triggers, 'triggers', faults), faults);
    this.jitter = jitter;
    this.sources = mergeIntervals(this.members, faults);
    faults.throwIfAny('Invalid and trigger');
  }

  cursor(search: Search): Cursor {
    const cursors = this.sources.map((source) => cursorOf(source, search));
    const [only] = cursors;
    return only && cursors.length === 1 ? only : new AndCursor(cursors, search);
  }

  toJSON(): TriggerJson {
    const triggers = this.members.map(({ trigger }) => trigger.toJSON());
    return { type: this.type, triggers, ...(this.jitter !== 0 && { jitter: this.jitter }) };
  }

  protected withMembers(triggers: readonly Trigger[]): AndTrigger {
    return new AndTrigger(triggers, { jitter: this.jitter });
  }

  protected override assertFires(now: number): void {
    if (this.firstFrom(now) !== null) return;
    const search = new Search(1, now);
    const hasEnded = this.members.some(({ trigger }) => search.first(cursorOf(trigger, search), now) === null);
    if (!hasEnded) throw this.refusal('have no time in common before one of them ends');
  }
}

/** Puts the grid that all intervals have in common in their place. */
function mergeIntervals(members: readonly Member[], faults: FaultList): readonly TimeSource[] {
  const others: TimeSource[] = [];
  let grid: IntervalGrid | null = null;
  for (const { field, trigger } of members) {
    const own = trigger instanceof IntervalTrigger ? trigger.grid : null;
    const met: IntervalGrid | null = own && grid ? grid.meet(own) : own;
    if (own === null) others.push(trigger);
    else if (met === null)
      faults.add(field, `never fires together with the intervals before it, got ${show(JSON.stringify(trigger))}`);
    else grid = met;
  }
  const onSecond = members.find(
    ({ trigger }) => trigger instanceof CronTrigger || trigger instanceof CalendarIntervalTrigger,
  );
  if (grid !== null && onSecond && grid.meet(WHOLE_SECONDS) === null) {
    faults.add(
      onSecond.field,
      'fires at whole seconds, and the intervals never do: give them a startDate at a whole second',
    );
  }
  return grid === null ? others : [grid, ...others];
}

class AndCursor extends Cursor {
  constructor(
    private readonly cursors: readonly Cursor[],
    search: Search,
  ) {
    super(search);
  }

  /** Each cursor goes on to the time of the one before it, until one round changes nothing. */
  protected find(from: number, limit: number): number | null {
    let time = from;
    for (let agreed = 0, index = 0; agreed < this.cursors.length; index++) {
      if (this.search.isBefore(limit, time)) {
        this.clear(time);
        return null;
      }
      const found = this.cursors[index % this.cursors.length]?.seek(time, limit) ?? null;
      if (found === null) return null;
      agreed = found === time ? agreed + 1 : 1;
      time = found;
    }
    return time;
  }
}
