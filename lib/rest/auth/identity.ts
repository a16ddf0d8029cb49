import type { Permissions } from '../../module/access.js';

/** What authentication has found out about who sends a request. */
export interface Identity {
  /** Undefined where a guard of the application decides, or nobody does. */
  readonly username: string | undefined;
  /** What they may do unless the option `access` decides. */
  readonly can: Permissions;
}

const identities = new WeakMap<object, Identity>();

/** Notes who sends a request that is let in. The first note counts: a guard may ask another one. */
export function identify(request: object, identity: Identity): void {
  if (!identities.has(request)) identities.set(request, identity);
}

/** @throws Error when nobody has let the request in. */
export function identityOf(request: object): Identity {
  const identity = identities.get(request);
  if (!identity) throw new Error('The request has not been authenticated');
  return identity;
}
