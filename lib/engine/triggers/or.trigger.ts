import { DAY_MS } from '../time/civil.js';
import { CombinedTrigger, cursorOf } from './combining/combined.trigger.js';
import { checkMembers } from './combining/members.js';
import { Cursor, type Search } from './combining/search.js';
import { FaultList } from './fault-list.js';
import { givenOptions } from './given-options.js';
import { readJitter } from './jitter-option.js';
import type { CombinedTriggerOptions } from './options.js';
import type { Jitter, Trigger, TriggerJson } from './trigger.js';

/**
 * Fires whenever one of its triggers does (APScheduler: `OrTrigger`); once where several fire together.
 *
 * @example
 * new OrTrigger([CronTrigger.fromCrontab('0 9 * * 1-5'), CronTrigger.fromCrontab('0 11 * * 0,6')], { jitter: 30 })
 */
export class OrTrigger extends CombinedTrigger {
  readonly jitter: Jitter;
  protected readonly failure = 'have no time that could be found';

  /**
   * @param options.jitter - seconds, or a duration. The members have none.
   * @throws InvalidInputError with every fault
   */
  constructor(triggers: readonly Trigger[], options: Pick<CombinedTriggerOptions, 'jitter'> = {}) {
    const faults = new FaultList();
    const jitter = readJitter(givenOptions('or', options, faults)['jitter'], faults);
    super('or', checkMembers(triggers, 'triggers', faults), faults);
    this.jitter = jitter;
  }

  cursor(search: Search): Cursor {
    const [simple, combined]: [Cursor[], Cursor[]] = [[], []];
    for (const { trigger } of this.members) {
      (trigger instanceof CombinedTrigger ? combined : simple).push(cursorOf(trigger, search));
    }
    return new OrCursor(simple, combined, search);
  }

  toJSON(): TriggerJson {
    const triggers = this.members.map(({ trigger }) => trigger.toJSON());
    return { type: this.type, triggers, ...(this.jitter !== 0 && { jitter: this.jitter }) };
  }

  protected withMembers(triggers: readonly Trigger[]): OrTrigger {
    return new OrTrigger(triggers, { jitter: this.jitter });
  }
}

/** How far ahead the combinations among the members are searched at first. */
const FIRST_STRETCH = DAY_MS;

class OrCursor extends Cursor {
  /** Where the search for the next time has begun. */
  private begin: number | undefined;

  /**
   * @param simple - answer at once.
   * @param combined - may search for long.
   */
  constructor(
    private readonly simple: readonly Cursor[],
    private readonly combined: readonly Cursor[],
    search: Search,
  ) {
    super(search);
  }

  /** Combinations are searched in stretches that grow, so that one which hardly ever fires does not hide the others. */
  protected find(from: number, limit: number): number | null {
    const { search } = this;
    let first = this.firstOf(this.simple, from, limit);
    if (this.combined.length > 0) {
      this.begin ??= from;
      let end = search.earlier(first ?? limit, limit);
      for (let reached = from; !search.isBefore(end, reached);) {
        const stretch = Math.max(FIRST_STRETCH, Math.abs(reached - this.begin));
        const bound = search.earlier(end, search.after(reached, stretch));
        first = this.firstOf(this.combined, reached, bound, first);
        end = search.earlier(first ?? limit, limit);
        reached = search.after(bound, 1);
      }
      // Beyond the limit, another one may be earlier.
      if (first !== null && search.isBefore(limit, first)) return null;
    }
    if (first !== null) this.begin = undefined;
    return first;
  }

  private firstOf(cursors: readonly Cursor[], from: number, limit: number, known: number | null = null): number | null {
    let first = known;
    for (const cursor of cursors) {
      const time = cursor.seek(from, this.search.earlier(first ?? limit, limit));
      if (time !== null && (first === null || this.search.isBefore(time, first))) first = time;
    }
    return first;
  }
}
