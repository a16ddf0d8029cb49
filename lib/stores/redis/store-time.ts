import type { Logger } from '../../engine/logger.js';

const TOLD_SKEW_MS = 1000;
/** How much worse than the best a measurement may be, for each measurement since. */
const AGEING_MS = 0.1;

/** How far the server's clock is ahead of this node's, measured with every answer that says its time. */
export class StoreTime {
  /** In milliseconds. */
  skewMs = 0;
  private precisionMs = Infinity;
  private isTold = false;

  constructor(private readonly logger: () => Logger | undefined) {}

  /** Null while it has not been measured. */
  get measuredSkewMs(): number | null {
    return Number.isFinite(this.precisionMs) ? this.skewMs : null;
  }

  /** Three instants in epoch milliseconds: the first and the last by this node's clock. */
  observe(sentAt: number, storeNow: number, answeredAt: number): void {
    const precision = answeredAt - sentAt;
    this.precisionMs += AGEING_MS;
    if (!Number.isFinite(sentAt) || precision > this.precisionMs) return;
    this.precisionMs = precision;
    this.skewMs = storeNow - (sentAt + answeredAt) / 2;
    if (this.isTold || Math.abs(this.skewMs) <= TOLD_SKEW_MS) return;
    this.isTold = true;
    const seconds = (Math.abs(this.skewMs) / 1000).toFixed(1);
    const side = this.skewMs > 0 ? 'behind' : 'ahead of';
    this.logger()?.warn(`This node's clock is ${seconds} s ${side} that of Redis, which jobs go by`);
  }

  /** An instant of the server's clock by this node's, rounded up: whoever waits for it must not come too early. */
  toNode(at: number): number {
    return Math.ceil(at - this.skewMs);
  }

  /** An instant of this node's clock by the server's. */
  toStore(at: number): number {
    return Math.round(at + this.skewMs);
  }
}
