import type { TaskFunction } from '../../engine/jobs/job.js';

/** A decorator of methods that can be called: on a property or a plain value it does not compile. */
export type TaskMethodDecorator = <T extends TaskFunction>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;
