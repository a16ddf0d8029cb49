import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Inject, Injectable, ServiceUnavailableException, type OnModuleDestroy } from '@nestjs/common';
import type { Timer } from '../../engine/clock.js';
import type { SchedulerChange } from '../../engine/watch/scheduler-change.js';
import { SCHEDULER_OPTIONS, type ResolvedSchedulerOptions } from '../../module/scheduler-options.js';
import { SchedulerService } from '../../module/scheduler.service.js';
import { EventStream, type EventStreamOptions } from './event-stream.js';
import { idOf, type FeedRecord } from './feed-record.js';

/** How many changes are kept for clients that connect again. */
const KEPT = 1000;
/** How long changes are followed after the last client has gone, which may connect again. */
const LINGER_MS = 30_000;
const HEARTBEAT_MS = 15_000;
/** A client has to connect again then: whether it may is checked anew. */
const LONGEST_STREAM_MS = 15 * 60_000;

/** How a client's stream is opened. */
export interface OpenStreamOptions extends EventStreamOptions {
  /** The id of the last event that a client has, which connects again. */
  readonly lastEventId: string | undefined;
  readonly response: ServerResponse;
}

/** Watches the scheduler for the clients that want to hear of its events, and only while there are some. */
@Injectable()
export class EventFeed implements OnModuleDestroy {
  private readonly streams = new Map<EventStream, ServerResponse>();
  private stopWatching: (() => void) | null = null;
  private epoch = '';
  private number = 0;
  /** The latest changes, each at the place that its number has in {@link KEPT} of them. */
  private kept: FeedRecord[] = [];
  private heartbeat: Timer | null = null;
  private lingering: Timer | null = null;
  private isClosed = false;

  constructor(
    @Inject(SchedulerService) private readonly scheduler: SchedulerService,
    @Inject(SCHEDULER_OPTIONS) private readonly options: ResolvedSchedulerOptions,
  ) {}

  /** @throws ServiceUnavailableException when there are too many streams, or the application is closing. */
  open({ lastEventId, response, ...options }: OpenStreamOptions): EventStream {
    this.assertOpen();
    this.lingering?.cancel();
    this.lingering = null;
    this.watch();
    const stream = new EventStream(options, { clock: this.scheduler.clock, latestId: () => this.latestId });
    this.streams.set(stream, response);
    this.beatLater();
    stream.begin(lastEventId === undefined ? 'start' : (this.since(lastEventId) ?? 'gap'));
    const forget = (): void => this.forget(stream);
    response.once('close', forget);
    // It may have gone while its request was read.
    if (response.destroyed || response.closed) forget();
    return stream;
  }

  /** @throws ServiceUnavailableException */
  private assertOpen(): void {
    if (this.isClosed) throw new ServiceUnavailableException('The application is closing');
    const { eventStreams } = this.options.limits;
    if (this.streams.size < eventStreams) return;
    throw new ServiceUnavailableException(`${eventStreams} streams of events are open (limits.eventStreams)`);
  }

  /** An application does not close before its responses have ended. */
  onModuleDestroy(): void {
    this.isClosed = true;
    for (const [stream, response] of this.streams) this.finish(stream, response);
    this.streams.clear();
    this.unwatch();
  }

  private get latestId(): string {
    return idOf({ epoch: this.epoch, number: this.number });
  }

  private watch(): void {
    if (this.stopWatching) return;
    this.epoch = randomBytes(6).toString('hex');
    this.number = 0;
    this.stopWatching = this.scheduler.watch((change) => this.hear(change));
  }

  private unwatch(): void {
    this.stopWatching?.();
    this.stopWatching = null;
    this.kept = [];
    for (const timer of [this.heartbeat, this.lingering]) timer?.cancel();
    this.heartbeat = this.lingering = null;
  }

  private hear(change: SchedulerChange): void {
    const at = this.scheduler.clock.now();
    const record: FeedRecord = { epoch: this.epoch, number: ++this.number, change, at, text: undefined };
    this.kept[record.number % KEPT] = record;
    for (const stream of this.streams.keys()) stream.take(record);
  }

  /** What has come after an event; undefined when that is not known any more. */
  private since(id: string): readonly FeedRecord[] | undefined {
    const [epoch, text = ''] = id.split('.', 2);
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (epoch !== this.epoch || !(number <= this.number && number >= this.number - KEPT)) return undefined;
    return Array.from({ length: this.number - number }, (_, index) => this.kept[(number + 1 + index) % KEPT]).filter(
      (record) => record !== undefined,
    );
  }

  private forget(stream: EventStream): void {
    if (!this.streams.delete(stream)) return;
    stream.destroy();
    if (this.streams.size > 0) return;
    this.heartbeat?.cancel();
    this.heartbeat = null;
    this.lingering = this.scheduler.clock.setTimer(() => this.unwatch(), LINGER_MS);
  }

  private beatLater(): void {
    this.heartbeat ??= this.scheduler.clock.setTimer(() => {
      this.heartbeat = null;
      this.beat();
    }, HEARTBEAT_MS);
  }

  private beat(): void {
    const oldest = this.scheduler.clock.now() - LONGEST_STREAM_MS;
    for (const [stream, response] of this.streams) {
      if (stream.openedAt <= oldest) this.finish(stream, response);
      else stream.heartbeat();
    }
    if (this.streams.size > 0) this.beatLater();
  }

  /** A client that does not read would keep its response open. */
  private finish(stream: EventStream, response: ServerResponse): void {
    if (stream.isBehind || response.writableLength > 0) response.destroy();
    else stream.end();
  }
}
