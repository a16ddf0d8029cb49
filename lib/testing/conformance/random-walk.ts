import { messageOf } from '../../engine/util/inspect.js';

const MOST_STEPS = 40;
/** How often a walk that fails is tried with fewer steps. */
const MOST_TRIES = 200;

/** Where random numbers come from: the same ones for the same seed (mulberry32). */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A whole number from 0 to, without, a limit. */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  oneOf<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

/** A number that few walks have begun with. */
export function anySeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}

/** How often, and where from, random steps are taken. */
export interface WalkOptions {
  readonly seed: number;
  readonly walks: number;
}

/**
 * Takes random steps again and again. When a walk fails it is tried with fewer steps, and the shortest that fails is reported,
 * with the seed that makes it the first one.
 *
 * @param draw - makes a step: plain data, for it is printed.
 * @param take - takes the steps in a world of their own; answers whether they are worth taking at all.
 */
export async function walk<Step>(
  { seed, walks }: WalkOptions,
  draw: (dice: Dice) => Step,
  take: (steps: readonly Step[]) => Promise<boolean>,
): Promise<void> {
  for (let current = seed; current < seed + walks; current++) {
    const dice = new Dice(current);
    const steps = Array.from({ length: 1 + dice.below(MOST_STEPS) }, () => draw(dice));
    const failure = await failureOf(take, steps);
    if (failure === 'unfit') return;
    if (failure === null) continue;
    const [shortest, error] = await shorten(take, steps, failure.error);
    const list = shortest.map((step) => `  ${JSON.stringify(step)}`).join('\n');
    throw new Error(`After these steps (seed ${current}):\n${list}\n${messageOf(error)}`, { cause: error });
  }
}

async function shorten<Step>(
  take: (steps: readonly Step[]) => Promise<boolean>,
  failing: readonly Step[],
  because: unknown,
): Promise<[steps: readonly Step[], error: unknown]> {
  let [steps, error] = [failing, because];
  let tries = 0;
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = steps.length - size; from > -size && tries < MOST_TRIES; from -= size) {
      const fewer = steps.filter((_, index) => index < from || index >= from + size);
      if (fewer.length === steps.length || fewer.length === 0) continue;
      tries++;
      const failure = await failureOf(take, fewer);
      if (failure !== null && failure !== 'unfit') [steps, error] = [fewer, failure.error];
    }
  }
  return [steps, error];
}

async function failureOf<Step>(
  take: (steps: readonly Step[]) => Promise<boolean>,
  steps: readonly Step[],
): Promise<{ readonly error: unknown } | 'unfit' | null> {
  try {
    return (await take(steps)) ? null : 'unfit';
  } catch (error) {
    return { error };
  }
}
