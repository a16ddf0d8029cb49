import type { Logger } from '../../engine/logger.js';

const TOLD_SKEW_MS = 1000;
/** The smallest change of the skew that is taken for a clock that has been set. */
const SET_MS = 1000;
/** By how much a measurement may be less accurate than the best one, per measurement since. */
const AGEING_MS = 0.1;

/** The offset of the server's clock to this node's, measured by every answer that contains its time. */
export class StoreTime {
  /** In milliseconds. */
  skewMs = 0;
  private precisionMs = Infinity;
  private isTold = false;

  constructor(private readonly logger: () => Logger | undefined) {}

  /** Null until it has been measured. */
  get measuredSkewMs(): number | null {
    return Number.isFinite(this.precisionMs) ? this.skewMs : null;
  }

  /** Three instants in epoch milliseconds: the first and the last by this node's clock. */
  observe(sentAt: number, storeNow: number, answeredAt: number): void {
    const precision = answeredAt - sentAt;
    const skew = storeNow - (sentAt + answeredAt) / 2;
    this.precisionMs += AGEING_MS;
    // A measurement that contradicts the best one means that one of the clocks has been set.
    const isSet = Math.abs(skew - this.skewMs) > precision + this.precisionMs + SET_MS;
    if (!Number.isFinite(sentAt) || (precision > this.precisionMs && !isSet)) return;
    this.precisionMs = precision;
    this.skewMs = skew;
    if (isSet) this.isTold = false;
    if (this.isTold || Math.abs(this.skewMs) <= TOLD_SKEW_MS) return;
    this.isTold = true;
    const seconds = (Math.abs(this.skewMs) / 1000).toFixed(1);
    const side = this.skewMs > 0 ? 'behind' : 'ahead of';
    this.logger()?.warn(`This node's clock is ${seconds} s ${side} that of Redis, which jobs go by`);
  }

  /** Converts an instant from the server's clock to this node's, rounded up so that a timer is never early. */
  toNode(at: number): number {
    return Math.ceil(at - this.skewMs);
  }

  /** Converts an instant from this node's clock to the server's. */
  toStore(at: number): number {
    return Math.round(at + this.skewMs);
  }
}
