import { ForbiddenException } from '@nestjs/common';
import { arePermissions, type Access, type Permissions } from '../../module/access.js';
import { ACTIONS, READ_ACTIONS, type Action } from '../../module/actions.js';
import { MAX_VALUES } from '../../engine/jobs/job-query.js';
import { UPPER_BOUNDS } from '../../engine/util/bounds.js';
import { show } from '../../engine/util/inspect.js';

/** Who sends a request, and the actions they are allowed. */
export interface RequestAccess {
  /** Null when authentication knows no names: with `auth: false`, or a guard of the application and no `access`. */
  readonly actor: string | null;
  readonly actions: ReadonlySet<Action>;
  /** The tags of the jobs that they see; null for all jobs. */
  readonly tags: readonly string[] | null;
}

const MAX_ACTOR_LENGTH = 191;

const accesses = new WeakMap<object, RequestAccess>();

/** Notes what a request may do. */
export function grant(request: object, access: RequestAccess): void {
  accesses.set(request, access);
}

/**
 * Who sends a request, and what they may do: for handlers.
 *
 * @throws Error when the request has not passed the AccessGuard.
 */
export function accessOf(request: object): RequestAccess {
  const access = accesses.get(request);
  if (!access) throw new Error('The request has not been authorized');
  return access;
}

/**
 * Refuses what a request may not do: for routes where the body decides that, after the AccessGuard has let it pass.
 *
 * @throws ForbiddenException
 */
export function assertAllowed({ actions, actor }: RequestAccess, action: Action): void {
  if (actions.has(action)) return;
  const who = actor === null ? 'who sends it' : show(actor);
  throw new ForbiddenException(`This needs the action ${action}, which ${who} does not have`);
}

const isTag = (tag: unknown): tag is string =>
  typeof tag === 'string' && tag !== '' && tag.length <= UPPER_BOUNDS.tagLength;

const EVERYTHING: ReadonlySet<Action> = new Set(ACTIONS);
const READING: ReadonlySet<Action> = new Set(READ_ACTIONS);

/** The actions that permissions stand for. */
export function actionsOf(can: Permissions): ReadonlySet<Action> {
  if (can === 'all') return EVERYTHING;
  return can === 'read' ? READING : new Set(ACTIONS.filter((action) => can.includes(action)));
}

/**
 * Reads what the option `access` answers.
 *
 * @throws Error naming what is wrong with it.
 */
export function readAccess(answer: unknown): RequestAccess {
  const { actor, can, tags } = (answer ?? {}) as Partial<Record<keyof Access, unknown>>;
  if (typeof actor !== 'string' || actor === '' || actor.length > MAX_ACTOR_LENGTH) {
    throw new Error(`access: actor must be a text of 1 to ${MAX_ACTOR_LENGTH} characters, got ${show(actor)}`);
  }
  if (!arePermissions(can)) {
    throw new Error(
      `access: can must be 'all', 'read' or a list of actions, got ${show(can)}; known are ${ACTIONS.join(', ')}`,
    );
  }
  if (tags === undefined) return { actor, actions: actionsOf(can), tags: null };
  // More could not be asked for at once, and no job has others.
  if (!Array.isArray(tags) || tags.length > MAX_VALUES || !tags.every(isTag)) {
    const { tagLength } = UPPER_BOUNDS;
    throw new Error(
      `access: tags must be an array of at most ${MAX_VALUES} texts of 1 to ${tagLength} characters, got ${show(tags)}`,
    );
  }
  const actions = new Set(actionsOf(can));
  actions.delete('scheduler.control');
  return { actor, actions, tags };
}
