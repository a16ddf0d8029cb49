import type { ArgumentClass } from '../../arguments/argument-schema.js';
import type { JsonSchema } from '../../engine/model/argument-schema.js';

/** What a route of the REST API takes and answers. */
export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly query?: {
    /** Its members are the parameters. */
    readonly type: ArgumentClass;
    /** Values of some of them. */
    readonly example: Readonly<Record<string, unknown>>;
  };
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly example: string }>>;
  readonly body?: {
    /** Undefined for lines of JSON. */
    readonly type?: ArgumentClass;
    /** Whether there must be one. */
    readonly required: boolean;
    readonly example: object | string;
  };
  /** Successful responses by their status, and errors beside those that every route has. */
  readonly responses: Readonly<Record<number, OperationResponse>>;
}

/** A stream of events has the schema of the data of each. */
export type ContentType = 'application/json' | 'application/x-ndjson' | 'text/event-stream';

export interface OperationResponse {
  readonly description: string;
  /** Undefined if it has no body. */
  readonly body?: {
    readonly schema: JsonSchema;
    readonly example: unknown;
    /** @default 'application/json' */
    readonly contentType?: ContentType;
  };
  /** The headers that it has, and what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
}
