import { AssertionError } from 'node:assert';
import { inspect, isDeepStrictEqual } from 'node:util';
import { messageOf } from '../../engine/util/inspect.js';

type ErrorClass = new (...args: never[]) => Error;

/** Fails with what was expected and what there is, for a framework to show how they differ. */
export function fail(what: string, actual: unknown, expected: unknown): never {
  const message = `${what}\nexpected: ${show(expected)}\n  actual: ${show(actual)}`;
  throw new AssertionError({ message, actual, expected, operator: 'deepStrictEqual' });
}

/** Both are the same as JSON: a store may make objects of its own, and leave out what is undefined. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [is, should] = [asJson(actual), asJson(expected)];
  if (!isDeepStrictEqual(is, should)) fail(what, is, should);
}

/** An object has these members, or a list has such objects and no others. */
export function matches(actual: unknown, shape: unknown, what: string): void {
  equal(pick(asJson(actual), asJson(shape)), shape, what);
}

/** The same things, in whatever order. */
export function sameSet(actual: readonly string[], expected: readonly string[], what: string): void {
  equal(actual.toSorted(), expected.toSorted(), what);
}

export function isTrue(condition: boolean, what: string): asserts condition {
  if (!condition) throw new AssertionError({ message: what, actual: condition, expected: true, operator: '===' });
}

/** What there is, once it is known to be there. */
export function present<T>(value: T | null | undefined, what: string): T {
  isTrue(value !== undefined && value !== null, `${what}: there is none`);
  return value;
}

/** A call is refused with an error of this class, or one whose message has this text. */
export async function refuses(call: Promise<unknown>, error: ErrorClass | string, what: string): Promise<void> {
  const expected = typeof error === 'string' ? `an error that says "${error}"` : error.name;
  const thrown = await call.then(
    (answer) => fail(`${what}: it answered instead of throwing`, answer, expected),
    (reason: unknown) => reason,
  );
  if (thrown instanceof AssertionError) throw thrown;
  const fits = typeof error === 'string' ? messageOf(thrown).includes(error) : thrown instanceof error;
  if (!fits) fail(`${what}: another error`, thrown, expected);
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** Of a value, what a shape has too. */
function pick(value: unknown, shape: unknown): unknown {
  if (Array.isArray(shape)) {
    return Array.isArray(value) ? value.map((item, index) => pick(item, shape[index])) : value;
  }
  if (typeof shape !== 'object' || shape === null || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(shape).map(([key, part]) => [key, pick(Reflect.get(value, key), part)]));
}

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: 100 });
}
