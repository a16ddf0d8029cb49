/**
 * What the controller reads of a request: Express's and Fastify's have it alike.
 *
 * It reads the request itself, not parameters: those pass through the application's own pipes, which may change an id,
 * or refuse a body in words of their own.
 */
export interface ApiRequest {
  readonly params: { readonly id: string };
  readonly query: unknown;
  readonly body?: unknown;
}

/** What the controller writes of a response by itself. */
export interface ApiResponse {
  status(code: number): unknown;
}
