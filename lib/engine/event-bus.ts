import { InvalidInputError, type Fault } from './errors.js';
import { EVENT_ALL, type SchedulerEvent, type SchedulerEventListener } from './events.js';
import { show } from './inspect.js';
import type { Logger } from './logger.js';

interface Subscription {
  readonly listener: SchedulerEventListener;
  readonly mask: number;
}

/** Tells listeners what happens. A listener that throws or rejects is logged, and stops nobody. */
export class EventBus {
  // Replaced, never changed: a listener may add and remove listeners while it is told something.
  private subscriptions: readonly Subscription[] = [];
  private wanted = 0;

  constructor(private readonly logger: Logger) {}

  /** @throws InvalidInputError when the listener is no function or the mask no union of event codes. */
  add(listener: SchedulerEventListener, mask: number = EVENT_ALL): void {
    const faults: Fault[] = [];
    if (typeof listener !== 'function')
      faults.push({ field: 'listener', problem: `must be a function, got ${show(listener)}` });
    if (!Number.isInteger(mask) || mask <= 0 || mask > EVENT_ALL) {
      faults.push({ field: 'mask', problem: `must be a union of EVENT_* codes, got ${show(mask)}` });
    }
    if (faults.length > 0) throw new InvalidInputError('Invalid listener', faults);
    this.replace([...this.subscriptions, { listener, mask }]);
  }

  remove(listener: SchedulerEventListener): void {
    this.replace(this.subscriptions.filter((subscription) => subscription.listener !== listener));
  }

  /** Whether anybody listens: an event that nobody wants need not be made. */
  wants(code: number): boolean {
    return (this.wanted & code) !== 0;
  }

  emit(event: SchedulerEvent): void {
    if (!this.wants(event.code)) return;
    for (const { listener, mask } of this.subscriptions) {
      if ((mask & event.code) === 0) continue;
      try {
        const answer = listener(event);
        if (answer instanceof Promise) answer.catch((error: unknown) => this.report(event, error));
      } catch (error) {
        this.report(event, error);
      }
    }
  }

  private report(event: SchedulerEvent, error: unknown): void {
    this.logger.error(`A listener failed on event ${event.code}`, error);
  }

  private replace(subscriptions: readonly Subscription[]): void {
    this.subscriptions = subscriptions;
    this.wanted = subscriptions.reduce((mask, subscription) => mask | subscription.mask, 0);
  }
}
