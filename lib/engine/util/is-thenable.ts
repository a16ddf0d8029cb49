/** Whether a value is awaited rather than used. May throw: `then` may be a getter of its own. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
