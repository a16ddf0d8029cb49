import { ConnectionError, errorOf, UnavailableError } from './errors.js';

type Headers = Readonly<Record<string, string>>;

/** How to reach the API. */
export interface ClientOptions {
  /** The address of the API, with its prefix: `https://example.com/scheduler`; on a page of the same origin `/scheduler`. */
  readonly url: string;
  /** For basic authentication. */
  readonly username?: string;
  readonly password?: string;
  /** More headers: a token, say. A function is called for each request. */
  readonly headers?: Headers | (() => Headers | Promise<Headers>);
  /** Whether the browser sends cookies. @default its own default */
  readonly credentials?: 'include' | 'omit' | 'same-origin';
  /** How often a request is tried again while a job store fails (503), if it can be repeated safely. @default 3 */
  readonly retries?: number;
  /** @default the global one */
  readonly fetch?: typeof fetch;
}

/** What every request can be given. */
export interface RequestOptions {
  /** Aborts the request, and waiting for the next try. */
  readonly signal?: AbortSignal;
  /** Why, for the audit trail, where the request changes something: at most 10,000 characters. */
  readonly reason?: string;
}

export interface ApiCall extends RequestOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Its parts are encoded. */
  readonly path: readonly string[];
  readonly query?: object | undefined;
  /** Sent as JSON; a text as it is. */
  readonly body?: object | string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** In place of the client's own number. */
  readonly retries?: number;
  /** Called with the response of a request that was not refused. */
  readonly onResponse?: (response: Response) => unknown;
}

/** Methods that do no more when they are repeated. */
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'PUT', 'DELETE']);
/** How long to wait where a response does not say. */
const DEFAULT_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 60_000;

/** Sends requests to the API, and makes errors of what it refuses. */
export class Transport {
  private readonly base: string;

  constructor(private readonly options: ClientOptions) {
    const { retries = 3, url } = options;
    if (typeof url !== 'string' || url === '') throw new TypeError('url must be the address of the API');
    if (!Number.isInteger(retries) || retries < 0)
      throw new TypeError(`retries must be a whole number, got ${retries}`);
    this.base = url.replace(/\/+$/, '');
  }

  /** @throws ApiError; ConnectionError */
  async call<T>(call: ApiCall): Promise<T> {
    const response = await this.request(call);
    const text = await textOf(response, call);
    call.onResponse?.(response);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /** The response of a request that is not refused; its body has not been read. @throws ApiError; ConnectionError */
  async request(call: ApiCall): Promise<Response> {
    const retries = call.retries ?? this.options.retries ?? 3;
    for (let tries = 0; ; tries++) {
      const response = await this.send(call);
      if (response.ok) return response;
      const error = errorOf(response.status, bodyOf(await textOf(response, call)));
      const isRepeatable = error instanceof UnavailableError && REPEATABLE.has(call.method) && tries < retries;
      if (!isRepeatable) throw error;
      await delay(askedDelay(response) ?? DEFAULT_DELAY_MS, call.signal);
    }
  }

  /**
   * Sends a request whose response is read as it comes.
   *
   * @param onRefusal - called with how long the response asks to wait, before its error is thrown.
   * @throws ApiError; ConnectionError
   */
  async open(call: ApiCall, onRefusal: (delayMs: number | undefined) => void): Promise<Response> {
    const response = await this.send(call);
    if (response.ok) return response;
    onRefusal(askedDelay(response));
    throw errorOf(response.status, bodyOf(await textOf(response, call)));
  }

  private async send({ body, headers, method, path, query, reason, signal }: ApiCall): Promise<Response> {
    const { credentials, fetch: send = fetch, headers: more = {} } = this.options;
    const url = `${this.base}${path.map((part) => `/${encodeURIComponent(part)}`).join('')}${queryText(query)}`;
    const init: RequestInit = {
      method,
      headers: {
        ...(body && { 'Content-Type': typeof body === 'string' ? 'application/x-ndjson' : 'application/json' }),
        ...this.authorization(),
        ...(typeof more === 'function' ? await more() : more),
        ...(reason !== undefined && { 'X-Reason': headerText(reason) }),
        ...headers,
      },
      ...(body && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(credentials && { credentials }),
      ...(signal && { signal }),
    };
    try {
      return await send(url, init);
    } catch (error) {
      throw new ConnectionError(`${method} ${url} was not answered`, { cause: error });
    }
  }

  private authorization(): Readonly<Record<string, string>> {
    const { password = '', username } = this.options;
    if (username === undefined) return {};
    const bytes = new TextEncoder().encode(`${username}:${password}`);
    return { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` };
  }
}

/** A header holds bytes and no line breaks: `fetch` refuses other characters. */
function headerText(text: string): string {
  return Array.from(new TextEncoder().encode(text.replaceAll(/\s+/g, ' ')), (byte) => String.fromCharCode(byte)).join(
    '',
  );
}

/** Lists become repeated members; what is undefined is left out. */
function queryText(query: object = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (one !== undefined) params.append(name, String(one));
    }
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

function textOf(response: Response, { method }: ApiCall): Promise<string> {
  return response.text().catch((error: unknown) => {
    throw new ConnectionError(`The response to ${method} ${response.url} ended early`, { cause: error });
  });
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How long a response asks to wait. The API says it in seconds; a proxy may say it as a date, by a clock of its own. */
function askedDelay({ headers }: Response): number | undefined {
  const after = headers.get('Retry-After') ?? '';
  return /^\d+$/.test(after) ? Math.min(Number(after) * 1000, LONGEST_DELAY_MS) : undefined;
}

/** @throws ConnectionError when it is aborted. */
export function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      clearTimeout(timer);
      reject(new ConnectionError('The request was aborted', { cause: signal?.reason }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', aborted);
      resolve();
    }, ms);
    if (signal?.aborted) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** What `work` resolves or rejects with. `onTimeout` is called when it takes longer. */
export async function withTimeout<T>(work: Promise<T>, ms: number, onTimeout: () => void): Promise<T> {
  const timer = setTimeout(onTimeout, ms);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
