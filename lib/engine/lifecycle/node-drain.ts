import { Deadline } from '../util/deadline.js';
import { PATIENCE, type RunEnder, type RunEnderParts, type Waits } from './run-ender.js';

/** From when on it is drained, until it is resumed or stopped. */
interface Drain {
  readonly isOver: Promise<void>;
  readonly end: () => void;
}

/** Ends what a node has under way without stopping it, or what it has under way though it is stopped. */
export class NodeDrain {
  private current: Drain | null = null;

  constructor(
    private readonly parts: RunEnderParts,
    private readonly ender: RunEnder,
  ) {}

  /** Whether the node begins no run, whoever asks for it. */
  get isOn(): boolean {
    return this.current !== null;
  }

  /** Drains a node that has been paused. Resolves early when it is resumed or stopped. @param limit - how long it waits for runs, in seconds. */
  async drain(limit: number): Promise<void> {
    const drain = (this.current ??= begun());
    await this.ender.drain({ limit, isCut: drain.isOver }, () => this.current === drain);
  }

  /** The node goes on. */
  resume(): void {
    if (!this.current) return;
    this.end();
    // It has let go of them.
    const adopted = this.parts.adoption.start();
    this.parts.clock.track?.(adopted);
  }

  /** The node stops, or starts. */
  end(): void {
    this.current?.end();
    this.current = null;
  }

  /** Ends runs by hand of a stopped scheduler. */
  async endStopped(waits: Waits): Promise<void> {
    const { clock, runner } = this.parts;
    // It may have been started meanwhile.
    if (runner.mode !== 'stopped') return;
    runner.mode = 'closing';
    await this.ender.endAll(waits, true);
    const deadline = new Deadline(clock, PATIENCE);
    await runner.recorder.close(deadline);
    deadline.cancel();
    runner.mode = 'stopped';
  }
}

function begun(): Drain {
  let end!: () => void;
  const isOver = new Promise<void>((resolve) => (end = resolve));
  return { isOver, end };
}
