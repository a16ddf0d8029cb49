import { isPlainObject } from '../util/is-plain-object.js';
import type { Trigger } from './trigger.js';

/** A trigger, and what it was made of. */
export class MadeTrigger {
  private readonly names: readonly string[];
  private readonly values: readonly unknown[];

  constructor(
    private readonly type: string,
    options: Readonly<Record<string, unknown>>,
    private readonly trigger: Trigger,
  ) {
    this.names = Object.keys(options);
    this.values = Object.values(options);
  }

  /** The trigger, if the same would be made of these; null when it would be another, or that is unknown. */
  recall(type: string, options: Readonly<Record<string, unknown>>): Trigger | null {
    const { names, values } = this;
    if (type !== this.type || !isPlainObject(options) || Object.keys(options).length !== names.length) return null;
    for (let place = 0; place < names.length; place++) {
      const value = options[names[place] as string];
      // A date or a list may have changed meanwhile, and be the same; what is undefined is not there, as any other.
      if (value !== values[place] || value === undefined || typeof value === 'object') return null;
    }
    return this.trigger;
  }
}
