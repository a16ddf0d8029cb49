import { isPlainObject } from '../../engine/util/is-plain-object.js';

/** Members that only answers have: what has happened cannot be asked for. */
const ANSWERED: ReadonlySet<string> = new Set(['last_run', 'waiting_for']);

/** A job of a response without the members that cannot be set, so that it may be sent back, or added under another id. */
export function withoutAnswers(body: unknown): unknown {
  if (!isPlainObject(body)) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => !ANSWERED.has(name)));
}
