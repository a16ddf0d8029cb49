import type { Readable } from 'node:stream';
import type { Clock } from '../../engine/clock.js';
import type { SchedulerChange } from '../../engine/watch/scheduler-change.js';
import { EventOutlet } from './event-outlet.js';
import { EventSampler } from './event-sampler.js';
import type { ReloadReason } from '../wire/change-to-dict.js';
import { BEGINNING, heartbeatText, reloadText } from './event-text.js';
import type { FeedRecord } from './feed-record.js';
import { VisibleEvents, type SeesJob } from './visible-events.js';

/** What a client wants to hear of, and may. */
export interface EventStreamOptions {
  /** @default everything */
  readonly wants?: ((change: SchedulerChange) => boolean) | undefined;
  /** Where not all jobs may be seen. */
  readonly sees?: SeesJob;
  /** Jobs that are known to be seen. */
  readonly seen?: readonly { readonly id: string; readonly jobStore: string }[];
}

export interface EventStreamParts {
  readonly clock: Clock;
  /** The id of the latest event of the feed. */
  readonly latestId: () => string;
}

/** The events of one client. */
export class EventStream {
  readonly openedAt: number;
  private readonly outlet: EventOutlet;
  private readonly sampler: EventSampler;
  private readonly visible: VisibleEvents | null;

  constructor(
    private readonly options: EventStreamOptions,
    private readonly parts: EventStreamParts,
  ) {
    const { clock } = parts;
    const { sees, seen = [] } = options;
    this.openedAt = clock.now();
    this.outlet = new EventOutlet(clock, () => this.reload('slow'));
    this.sampler = new EventSampler(clock, (text) => this.outlet.send(text));
    const onDropped = (): void => this.outlet.send(this.reload('slow'));
    this.visible = sees
      ? new VisibleEvents({ clock, sees, pass: (record) => this.sampler.take(record), onDropped })
      : null;
    for (const { id, jobStore } of seen) this.visible?.note(id, jobStore);
  }

  get readable(): Readable {
    return this.outlet.readable;
  }

  /** Whether the client has not read everything that it was sent. */
  get isBehind(): boolean {
    return this.outlet.isBehind;
  }

  /** @param missed - what a client has missed that connects again; otherwise why it has to fetch its state. */
  begin(missed: readonly FeedRecord[] | ReloadReason): void {
    this.outlet.send(BEGINNING);
    if (typeof missed === 'string') this.outlet.send(this.reload(missed));
    else for (const record of missed) this.take(record);
  }

  take(record: FeedRecord): void {
    if (this.options.wants?.(record.change) === false) return;
    if (this.visible) this.visible.take(record);
    else this.sampler.take(record);
  }

  heartbeat(): void {
    const isWaiting = this.visible?.isWaiting === true;
    this.sampler.flush();
    this.outlet.send(heartbeatText(isWaiting ? null : this.parts.latestId()));
  }

  /** Ends the stream as a client expects it, which connects again then. */
  end(): void {
    this.sampler.flush();
    this.close();
    this.outlet.end();
  }

  /** Ends the stream at once. */
  destroy(): void {
    this.close();
    this.outlet.destroy();
  }

  private close(): void {
    this.sampler.close();
    this.visible?.close();
  }

  private reload(reason: ReloadReason): string {
    return reloadText(this.parts.latestId(), this.parts.clock.now(), reason);
  }
}
