import type { AsyncResource } from 'node:async_hooks';
import { InvalidInputError, type Fault } from './errors.js';
import { EVENT_ALL, EVENT_MASK, type SchedulerEvent, type SchedulerEventListener } from './events.js';
import { messageOf, show } from './util/inspect.js';
import type { Logger } from './logger.js';

interface Subscription {
  readonly listener: SchedulerEventListener;
  readonly mask: number;
  /** The codes of the events on which it failed last. */
  failing: number;
}

/**
 * Emits events to listeners. A listener that throws or rejects does not affect others; the first failure on a kind of event is
 * logged, and its recovery.
 */
export class EventBus {
  // Replaced, never mutated: a listener may add and remove listeners during an event.
  private subscriptions: readonly Subscription[] = [];
  private wanted = 0;

  constructor(
    private readonly logger: Logger,
    /** The async context of listeners. */
    private readonly scope: AsyncResource,
  ) {}

  /** @throws InvalidInputError if the listener is not a function, or the mask is not a union of event codes. */
  add(listener: SchedulerEventListener, mask: number = EVENT_ALL): void {
    const faults: Fault[] = [];
    if (typeof listener !== 'function')
      faults.push({ field: 'listener', problem: `must be a function, got ${show(listener)}` });
    if (!Number.isInteger(mask) || mask <= 0 || mask > EVENT_MASK) {
      faults.push({ field: 'mask', problem: `must be a union of EVENT_* codes, got ${show(mask)}` });
    }
    if (faults.length > 0) throw new InvalidInputError('Invalid listener', faults);
    this.replace([...this.subscriptions, { listener, mask, failing: 0 }]);
  }

  remove(listener: SchedulerEventListener): void {
    this.replace(this.subscriptions.filter((subscription) => subscription.listener !== listener));
  }

  /** Whether anyone listens, so that unneeded events are not created. */
  wants(code: number): boolean {
    return (this.wanted & code) !== 0;
  }

  emit(event: SchedulerEvent): void {
    if (this.wants(event.code)) this.scope.runInAsyncScope(() => this.tell(event));
  }

  private tell(event: SchedulerEvent): void {
    for (const subscription of this.subscriptions) {
      if ((subscription.mask & event.code) === 0) continue;
      try {
        const answer = subscription.listener(event);
        if (answer instanceof Promise) this.follow(subscription, event.code, answer);
        else if (subscription.failing !== 0) this.succeeded(subscription, event.code);
      } catch (error) {
        this.failed(subscription, event.code, error);
      }
    }
  }

  private follow(subscription: Subscription, code: number, answer: Promise<unknown>): void {
    answer.then(
      () => this.succeeded(subscription, code),
      (error: unknown) => this.failed(subscription, code, error),
    );
  }

  private failed(subscription: Subscription, code: number, error: unknown): void {
    const isKnown = (subscription.failing & code) !== 0;
    subscription.failing |= code;
    if (isKnown) this.logger.debug(`A listener failed again on event ${code}: ${messageOf(error)}`);
    else this.logger.error(`A listener failed on event ${code}; further failures on it are told at level debug`, error);
  }

  private succeeded(subscription: Subscription, code: number): void {
    if ((subscription.failing & code) === 0) return;
    subscription.failing &= ~code;
    this.logger.info(`A listener that failed on event ${code} works again`);
  }

  private replace(subscriptions: readonly Subscription[]): void {
    this.subscriptions = subscriptions;
    this.wanted = subscriptions.reduce((mask, subscription) => mask | subscription.mask, 0);
  }
}
