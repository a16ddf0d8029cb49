import type { TaskFunction } from '../../engine/model/task.js';

/** A decorator of methods that can be called: on a property or a plain value it does not compile. */
export interface TaskMethodDecorator<Call extends TaskFunction = TaskFunction> {
  <T extends Call>(target: object, method: string | symbol, descriptor: TypedPropertyDescriptor<T>): void;
  /** For `applyDecorators()` alone, which asks for decorators of anything. Above a class it is reported at the start. */
  (target: abstract new (...args: never) => unknown): void;
}
