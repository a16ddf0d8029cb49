import { InvalidInputError } from '../../errors.js';
import { MAX_INSTANT, MIN_INSTANT } from '../../time/civil.js';
import { formatDate } from '../../time/iso-date.js';
import { WorkBudget, WorkExhausted } from '../../util/work-budget.js';
import { FaultList } from '../fault-list.js';
import type { Jitter, Trigger, TriggerContext, TriggerJson } from '../trigger.js';
import { MAX_DEPTH, MAX_MEMBERS, type Member } from './members.js';
import { Search, SourceCursor, type Cursor, type TimeSource } from './search.js';

/** To anchor a trigger, all triggers inside it included: some searches. */
const ANCHOR_WORK = 100_000;

/**
 * A trigger that is made of others. Its times follow from "the first time from an instant on" of each of them, forward
 * and back. So do its first ones: of a member whose times are all past, nothing is made up.
 */
export abstract class CombinedTrigger implements Trigger {
  abstract readonly jitter: Jitter;
  /** That of its first member. */
  readonly timezone: string;
  /** Whether a member has left something open, for the anchor to fill in. */
  readonly isOpen: boolean;
  /** How many triggers it is made of, in all layers, and how many layers there are. */
  readonly size: number;
  readonly depth: number;

  /**
   * @param members - at least one, unless there are faults.
   * @throws InvalidInputError with the faults that there are, and those found here
   */
  protected constructor(
    readonly type: 'and' | 'or' | 'except',
    protected readonly members: readonly Member[],
    faults: FaultList,
  ) {
    this.size = members.reduce((sum, { trigger }) => sum + sizeOf(trigger), 0);
    this.depth = 1 + members.reduce((most, { trigger }) => Math.max(most, depthOf(trigger)), 0);
    if (this.size > MAX_MEMBERS)
      faults.add(this.field, `must not hold more than ${MAX_MEMBERS} triggers, got ${this.size}`);
    if (this.depth > MAX_DEPTH) faults.add(this.field, `must not be nested more than ${MAX_DEPTH} levels deep`);
    faults.throwIfAny(this.subject);
    this.timezone = members[0]?.trigger.timezone ?? 'UTC';
    this.isOpen = members.some(({ trigger }) => isOpen(trigger));
  }

  next(previous: number | null, now: number): number | null {
    const from = Math.max(previous === null ? Math.ceil(now) : Math.floor(previous) + 1, MIN_INSTANT);
    const trigger = this.isOpen ? this.anchor({ now: previous ?? now, timezone: this.timezone }) : this;
    return trigger.firstFrom(from);
  }

  /** Also null when none is found within a search's limits. */
  previous(before: number): number | null {
    const from = Math.min(Math.ceil(before) - 1, MAX_INSTANT);
    const search = new Search(-1, from);
    try {
      return search.first(this.cursor(search), from);
    } catch (error) {
      if (error instanceof WorkExhausted) return null;
      throw error;
    }
  }

  /**
   * Each member is anchored by itself.
   *
   * @throws InvalidInputError when it will never fire, or no time of it is found within a search's limits; also of a member
   */
  anchor(context: TriggerContext): CombinedTrigger {
    return new WorkBudget(ANCHOR_WORK).run(() => this.anchorMembers(context));
  }

  private anchorMembers(context: TriggerContext): CombinedTrigger {
    const faults = new FaultList();
    const anchored: Trigger[] = [];
    for (const { field, trigger } of this.members) {
      const own = this.contextOf(anchored, context);
      anchored.push(faults.attempt(() => trigger.anchor?.(own) ?? trigger, field) ?? trigger);
    }
    faults.throwIfAny(this.subject);
    const isSame = this.members.every(({ trigger }, index) => trigger === anchored[index]);
    const trigger = isSame ? this : this.withMembers(anchored);
    trigger.assertFires(context.now);
    return trigger;
  }

  abstract toJSON(): TriggerJson;

  get end(): number {
    const ends = this.members.map(({ trigger }) => trigger.end ?? Infinity);
    if (this.type === 'or') return Math.max(...ends);
    return this.type === 'and' ? Math.min(...ends) : (ends[0] as number);
  }

  /** Its times, in the order of a search. */
  abstract cursor(search: Search): Cursor;

  /** The same trigger made of other members. */
  protected abstract withMembers(triggers: readonly Trigger[]): CombinedTrigger;

  /** What is wrong when no time is found, in words that follow the field's name. */
  protected abstract readonly failure: string;

  /** What a member is anchored with. */
  protected contextOf(_anchored: readonly Trigger[], context: TriggerContext): TriggerContext {
    return context;
  }

  /** @throws InvalidInputError when its members have times from an instant on, and it has none itself */
  protected assertFires(_now: number): void {
    // Some combinations always have.
  }

  /** @throws InvalidInputError when none is found within a search's limits */
  protected firstFrom(from: number): number | null {
    const search = new Search(1, from);
    try {
      return search.first(this.cursor(search), from);
    } catch (error) {
      if (!(error instanceof WorkExhausted)) throw error;
      const [begin, end] = [formatDate(from, this.timezone), formatDate(search.reached, this.timezone)];
      throw this.refusal(`${this.failure}: none was found from ${begin} to ${end}, in ${search.steps} steps`);
    }
  }

  protected refusal(problem: string): InvalidInputError {
    return new InvalidInputError(this.subject, [{ field: this.field, problem }]);
  }

  /** Which of the options lists the members. */
  private get field(): string {
    return this.type === 'except' ? 'except' : 'triggers';
  }

  private get subject(): string {
    return `Invalid ${this.type} trigger`;
  }
}

/** A cursor for a trigger, or for what stands for several, that takes part in a search. */
export function cursorOf(source: TimeSource, search: Search): Cursor {
  return source instanceof CombinedTrigger ? source.cursor(search) : new SourceCursor(source, search);
}

function sizeOf(trigger: Trigger): number {
  return trigger instanceof CombinedTrigger ? trigger.size : 1;
}

function depthOf(trigger: Trigger): number {
  return trigger instanceof CombinedTrigger ? trigger.depth : 0;
}

/** Whether an anchor would change a trigger. */
export function isOpen(trigger: Trigger): boolean {
  if (trigger instanceof CombinedTrigger) return trigger.isOpen;
  return trigger.anchor !== undefined && trigger.anchor({ now: 0, timezone: 'UTC' }) !== trigger;
}
