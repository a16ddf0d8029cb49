import { ConfigurationError } from '../../engine/errors.js';
import { messageOf, show } from '../../engine/util/inspect.js';
import { isPlainObject } from '../../engine/util/is-plain-object.js';
import type { InjectedToken, OptionsFactory } from '../decorators/options-factory.js';
import type { ScheduleMark } from '../decorators/scheduled-task.decorator.js';
import type { MethodHost } from './method-host.js';

/** A schedule whose options are known. */
export interface Schedule {
  readonly trigger: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/**
 * The options that a decorator has given, or that its factory makes.
 *
 * @throws ConfigurationError in words that follow the decorator's name.
 */
export async function optionsOf({ options, injects }: ScheduleMark, host: MethodHost): Promise<Schedule['options']> {
  if (typeof options !== 'function') return objectOf(options, 'needs an object of options');
  const factory = options as OptionsFactory<readonly InjectedToken[], unknown>;
  const dependencies = await host.inject(tokensOf(injects)).catch((error: unknown) => {
    // Nest's first paragraph says what and where; general advice follows.
    const [reason] = messageOf(error).split('\n\n');
    throw new ConfigurationError(`cannot inject what its factory asks for: ${reason}`, { cause: error });
  });
  let made: unknown;
  try {
    made = await factory(...dependencies);
  } catch (error) {
    throw new ConfigurationError(`has a factory that failed: ${messageOf(error)}`, { cause: error });
  }
  return objectOf(made, 'has a factory that must return an object of options');
}

function tokensOf(given: unknown): readonly InjectedToken[] {
  const { inject, ...others } = objectOf(given, 'needs { inject: [...] } beside its factory');
  const unknown = Object.keys(others);
  if (unknown.length > 0) {
    throw new ConfigurationError(
      `takes only { inject } beside a factory, which returns all other options; got ${unknown.join(', ')}`,
    );
  }
  if (Array.isArray(inject)) return inject as readonly InjectedToken[];
  throw new ConfigurationError(`needs inject to be an array of what its factory takes, got ${show(inject)}`);
}

function objectOf(value: unknown, need: string): Readonly<Record<string, unknown>> {
  if (isPlainObject(value)) return value;
  throw new ConfigurationError(`${need}, got ${show(value)}`);
}
