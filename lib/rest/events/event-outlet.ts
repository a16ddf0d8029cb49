import { Readable } from 'node:stream';

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
  private isDropping = false;

  /** @param afterDropping - makes what a client is sent that has missed something. */
  constructor(private readonly afterDropping: () => string) {}

  /** Whether there is something that the client has not read. */
  get isBehind(): boolean {
    return this.isDropping || this.waiting.length > 0 || this.readable.readableLength > 0;
  }

  send(text: string): void {
    if (this.isDropping || this.readable.destroyed) return;
    if (this.isWanted) {
      this.isWanted = this.readable.push(text);
      return;
    }
    this.waiting.push(text);
    this.characters += text.length;
    if (this.waiting.length > MOST_TEXTS || this.characters > MOST_CHARACTERS) this.drop();
  }

  /** Ends the text, once it has been read. */
  end(): void {
    if (!this.readable.destroyed) this.readable.push(null);
    // Nothing may come after the end.
    this.isDropping = true;
    this.waiting = [];
  }

  destroy(): void {
    this.waiting = [];
    this.readable.destroy();
  }

  /** From now on nothing is kept, until the client reads again. */
  drop(): void {
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
    const { waiting } = this;
    let count = 0;
    while (this.isWanted && count < waiting.length) this.isWanted = this.readable.push(waiting[count++]);
    this.waiting = waiting.slice(count);
    this.characters = this.waiting.reduce((sum, text) => sum + text.length, 0);
  }
}
