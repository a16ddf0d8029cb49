import type { ArgumentSchema } from '../engine/model/argument-schema.js';

/** A class whose instances a task takes, with decorators of class-validator and class-transformer. */
export type ArgumentClass<T extends object = object> = new () => T;

/**
 * What a task takes, as a class describes it: for `registerTask()`. `@Task` takes the class itself.
 *
 * @example
 * scheduler.registerTask('send-invoice', send, { args: await argumentSchema(InvoiceArgs) });
 */
export async function argumentSchema(type: ArgumentClass): Promise<ArgumentSchema> {
  // Validation costs more to load than all the rest.
  const { ClassArguments } = await import('./class-arguments.js');
  return new ClassArguments(type);
}
