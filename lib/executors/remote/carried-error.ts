/** Something thrown, as plain data: a copy by structured cloning would lose the name of a class, and its members. */
export type CarriedError =
  | { readonly thrown: unknown }
  | {
      readonly name: string;
      readonly message: string;
      readonly stack: string | null;
      /** Members of its own that are plain values, such as `code` and `status`. */
      readonly members: Readonly<Record<string, string | number | boolean>>;
      readonly cause: CarriedError | null;
      /** Those of an `AggregateError`. */
      readonly errors: readonly CarriedError[] | null;
    };

const MAX_LENGTH = 20_000;
const MAX_MEMBERS = 50;
const MAX_ERRORS = 10;
const MAX_DEPTH = 8;
const HIDDEN = new Set(['name', 'message', 'stack', 'cause', 'errors']);

/** What was thrown, for another thread. Never throws, whatever it is. */
export function carry(error: unknown, depth = 0): CarriedError {
  try {
    return error instanceof Error ? carryError(error, depth) : { thrown: plain(error) };
  } catch {
    // A getter or a proxy that throws.
    return { thrown: 'something that cannot be read' };
  }
}

/** What was thrown, in this thread: an Error, or a value that is none. */
export function revive(carried: CarriedError): unknown {
  if ('thrown' in carried) return carried.thrown;
  const { name, message, stack, members, cause, errors } = carried;
  const options = cause === null ? undefined : { cause: revive(cause) };
  const error =
    errors === null ? new Error(message, options) : new AggregateError(errors.map(revive), message, options);
  const hidden = { name, ...(stack !== null && { stack }) };
  for (const [key, value] of Object.entries(hidden)) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true });
  }
  return Object.assign(error, members);
}

function carryError(error: Error, depth: number): CarriedError {
  const inner = (value: unknown): CarriedError | null =>
    value === undefined || depth === MAX_DEPTH ? null : carry(value, depth + 1);
  const members = Object.entries(error).filter(([key, value]) => !HIDDEN.has(key) && isScalar(value));
  return {
    name: text(error.name),
    message: text(error.message),
    stack: typeof error.stack === 'string' ? text(error.stack) : null,
    members: Object.fromEntries(members.slice(0, MAX_MEMBERS).map(([key, value]) => [key, cut(value)])),
    cause: inner(error.cause),
    errors:
      error instanceof AggregateError
        ? error.errors.slice(0, MAX_ERRORS).flatMap((member) => inner(member) ?? [])
        : null,
  };
}

type Scalar = string | number | boolean;
const isScalar = (value: unknown): value is Scalar => ['string', 'number', 'boolean'].includes(typeof value);
const cut = (value: Scalar): Scalar => (typeof value === 'string' ? text(value) : value);
const text = (value: unknown): string => String(value).slice(0, MAX_LENGTH);

/** Anything can be thrown, and not everything can be cloned. */
function plain(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return text(value);
  }
}
