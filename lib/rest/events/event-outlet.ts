import { Readable } from 'node:stream';
import type { Clock } from '../../engine/clock.js';

/** What waits for a client that does not read, at most; and how much is given to its connection ahead. */
const MOST_TEXTS = 500;
const MOST_CHARACTERS = 200_000;
const AHEAD_BYTES = 16_384;

/**
 * The text that is sent to one client. What the client does not read waits here, up to a limit: beyond it, everything that
 * waits is dropped, and so is what comes until the client reads again.
 */
export class EventOutlet {
  readonly readable = new Readable({ highWaterMark: AHEAD_BYTES, read: () => this.resume() });
  private waiting: string[] = [];
  private characters = 0;
  private isWanted = false;
  private isFlushing = false;
  private isDropping = false;

  /** @param afterDropping - makes what a client is sent that has missed something. */
  constructor(
    private readonly clock: Pick<Clock, 'yield'>,
    private readonly afterDropping: () => string,
  ) {}

  /** Whether there is something that the client has not read. */
  get isBehind(): boolean {
    return this.isDropping || this.readable.readableLength > 0 || (this.waiting.length > 0 && !this.isWanted);
  }

  send(text: string): void {
    if (this.isDropping || this.readable.destroyed) return;
    this.waiting.push(text);
    this.characters += text.length;
    if (this.waiting.length > MOST_TEXTS || this.characters > MOST_CHARACTERS) this.drop();
    else if (this.isWanted) this.flushSoon();
  }

  /** Ends the text, once it has been read. */
  end(): void {
    if (!this.readable.destroyed) {
      this.flush();
      this.readable.push(null);
    }
    // Nothing may come after the end.
    this.isDropping = true;
  }

  destroy(): void {
    this.isDropping = true;
    this.waiting = [];
    this.readable.destroy();
  }

  /** From now on nothing is kept, until the client reads again. */
  private drop(): void {
    this.isDropping = true;
    this.waiting = [];
    this.characters = 0;
    if (this.isWanted) this.resume();
  }

  private resume(): void {
    this.isWanted = true;
    if (this.isDropping) {
      this.isDropping = false;
      this.waiting = [this.afterDropping()];
    }
    this.flush();
  }

  /** Each write to a connection costs far more than an event: those that come at once go together. */
  private flushSoon(): void {
    if (this.isFlushing) return;
    this.isFlushing = true;
    void this.clock.yield().then(() => {
      this.isFlushing = false;
      if (this.isWanted && !this.readable.destroyed && !this.isDropping) this.flush();
    });
  }

  private flush(): void {
    if (this.waiting.length === 0) return;
    const text = this.waiting.join('');
    this.waiting = [];
    this.characters = 0;
    this.isWanted = this.readable.push(text);
  }
}
