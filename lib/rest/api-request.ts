/**
 * What Express's and Fastify's requests have alike. Read with `@Req`, since parameters such as `@Body` and `@Param` go
 * through the application's global pipes, which may change an id or refuse a body with other messages.
 */
export interface ApiRequest {
  readonly params: { readonly id: string };
  readonly query: unknown;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface ApiResponse {
  status(code: number): unknown;
  header(name: string, value: string): unknown;
}
