import { AsyncLocalStorage } from 'node:async_hooks';
import { InvalidInputError, type Fault } from '../errors.js';
import { UPPER_BOUNDS } from '../util/bounds.js';
import { show } from '../util/inspect.js';
import { isPlainObject } from '../util/is-plain-object.js';

/** For whom something is done, and why. */
export interface ActingFor {
  /** Who: at most 191 characters; null if no actor is named. */
  readonly actor?: string | null;
  /** The client's address: at most 191 characters. */
  readonly address?: string | null;
  /** Why: at most 10,000 characters. */
  readonly note?: string | null;
}

/** The same with everything said. */
export type Acting = Required<ActingFor>;

export const NOBODY: Acting = { actor: null, address: null, note: null };

const MOST: Readonly<Record<keyof ActingFor, number>> = { actor: 191, address: 191, note: UPPER_BOUNDS.textLength };
const NAMES = Object.keys(MOST) as readonly (keyof ActingFor)[];

interface Frame {
  readonly by: ActingFor;
  readonly outer: Frame | undefined;
}

/** Knows, wherever something is done, for whom. */
export class ActingContext {
  private readonly frames = new AsyncLocalStorage<Frame>();

  /**
   * Does something, and all that it leads to, for somebody. What they leave out, the caller's own context says.
   *
   * @throws InvalidInputError with every fault.
   */
  run<T>(by: ActingFor, work: () => T): T {
    assertActing(by);
    return this.frames.run({ by, outer: this.frames.getStore() }, work);
  }

  /** Runs work for the given actor only, whoever is acting in the caller's context. */
  runAs<T>(by: Acting, work: () => T): T {
    return this.frames.run({ by, outer: undefined }, work);
  }

  /** Whether somebody has asked for what is being done. */
  get isAsked(): boolean {
    return this.frames.getStore() !== undefined;
  }

  /** Read when something has been done: what somebody says of it may come after they have been named. */
  get current(): Acting {
    const frame = this.frames.getStore();
    if (!frame) return NOBODY;
    return { actor: said(frame, 'actor'), address: said(frame, 'address'), note: said(frame, 'note') };
  }
}

function said(frame: Frame, name: keyof ActingFor): string | null {
  for (let at: Frame | undefined = frame; at; at = at.outer) {
    const value = at.by[name];
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return null;
}

function assertActing(by: ActingFor): void {
  const faults: Fault[] = [];
  if (!isPlainObject(by)) faults.push({ field: 'by', problem: `must be a plain object, got ${show(by)}` });
  else {
    for (const name of NAMES) {
      const value = by[name];
      if (value === undefined || value === null) continue;
      const isText = typeof value === 'string' && value.length <= MOST[name];
      if (!isText) {
        faults.push({ field: name, problem: `must be a text of at most ${MOST[name]} characters, got ${show(value)}` });
      }
    }
  }
  if (faults.length > 0) throw new InvalidInputError('Invalid actor', faults);
}
