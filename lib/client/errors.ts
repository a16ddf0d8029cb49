import type { StaleEdit } from './wire.js';

/** The API refused a request, or failed to answer it. */
export class ApiError extends Error {
  constructor(
    /** The HTTP status. */
    readonly status: number,
    message: string,
    /** The response's JSON; undefined where it has none. */
    readonly body: unknown,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** 400: the message names every fault of the request. */
export class InvalidRequestError extends ApiError {}

/** 401: credentials are missing or wrong. */
export class UnauthorizedError extends ApiError {}

/** 403: the credentials do not allow this. */
export class ForbiddenError extends ApiError {}

/** 404: there is no such job or run. */
export class NotFoundError extends ApiError {}

/** 409: the state of the job, the run or the scheduler does not allow this. */
export class ConflictError extends ApiError {}

/** 412: the job has been changed since it was read. */
export class StaleEditError extends ApiError {
  /** What the edit would have set, and has another value by now. */
  get differences(): StaleEdit['differences'] {
    return (this.body as Partial<StaleEdit> | undefined)?.differences ?? [];
  }
}

/** 413 or 429: a limit of the API is exceeded; the message names it. */
export class LimitError extends ApiError {}

/** 503: a job store fails. The request is tried again if that is safe, before this is thrown. */
export class UnavailableError extends ApiError {}

/** No response came: the network failed, or the request was aborted. */
export class ConnectionError extends Error {
  constructor(message: string, options: { cause: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

const CLASSES: Readonly<Record<number, typeof ApiError>> = {
  400: InvalidRequestError,
  401: UnauthorizedError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  412: StaleEditError,
  413: LimitError,
  429: LimitError,
  503: UnavailableError,
};

/** The error that a response stands for. */
export function errorOf(status: number, body: unknown): ApiError {
  const { error_message: message } = (typeof body === 'object' && body !== null ? body : {}) as {
    error_message?: unknown;
  };
  return new (CLASSES[status] ?? ApiError)(
    status,
    typeof message === 'string' ? message : `HTTP status ${status}`,
    body,
  );
}
