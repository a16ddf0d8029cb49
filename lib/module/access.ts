import { ACTIONS, type Action } from './actions.js';

/** What somebody may do over the REST API: everything, what changes nothing, or the listed actions. */
export type Permissions = 'all' | 'read' | readonly Action[];

/** Who sends a request to the REST API, and what they may do. */
export interface Access {
  /** A name of 1 to 191 characters: a user's, or a service's. */
  readonly actor: string;
  readonly can: Permissions;
  /**
   * Limits the request to jobs that carry one of these tags, and to their runs; others are not found. What concerns all jobs
   * (`scheduler.control`) is not allowed then. @default all jobs
   */
  readonly tags?: readonly string[];
}

/** What Express's and Fastify's requests have in common. */
export interface AccessRequest {
  readonly headers: Readonly<Record<string, unknown>>;
  /** The client's address. */
  readonly ip?: string | undefined;
  /** Where guards of the application leave whom they have let in. */
  readonly user?: unknown;
}

const KNOWN: ReadonlySet<unknown> = new Set(ACTIONS);

export function arePermissions(can: unknown): can is Permissions {
  return can === 'all' || can === 'read' || (Array.isArray(can) && can.every((action) => KNOWN.has(action)));
}
