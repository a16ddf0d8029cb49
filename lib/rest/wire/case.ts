import { isPlainObject } from '../../engine/util/is-plain-object.js';
import { toCamelCase, toSnakeCase } from '../../module/spelling.js';

/** The two members whose wire name is not only another spelling. */
const FLASK_NAMES: ReadonlyMap<string, string> = new Map([
  ['task', 'func'],
  ['jobStore', 'jobstore'],
]);
const OUR_NAMES: ReadonlyMap<string, string> = new Map(Array.from(FLASK_NAMES, ([ours, flask]) => [flask, ours]));

/** Members whose two names differ and that messages may mention. */
const MENTIONED =
  /\b(?:runDate|startDate|endDate|dayOfWeek|nextRunTime|misfireGraceTime|maxInstances|replaceExisting|nextCursor)\b/g;

/** A list of members, such as ends a message. Lists of aliases begin otherwise: those are the user's words. */
const KNOWN_MEMBERS = /(?<=is not known here; known are )[\w, ]+/g;

/** A member's name on the wire: `misfireGraceTime` is `misfire_grace_time`, `task` is `func`. */
export function toWireName(name: string): string {
  return FLASK_NAMES.get(name) ?? toSnakeCase(name);
}

/** A wire member's name in TypeScript: `day_of_week` is `dayOfWeek`, `func` is `task`. */
export function fromWireName(name: string): string {
  return OUR_NAMES.get(name) ?? toCamelCase(name);
}

/** A field's path on the wire: `trigger.startDate` is `trigger.start_date`. The members of kwargs are the user's own. */
export function toWirePath(path: string): string {
  const names = path.split('.');
  const own = names.indexOf('kwargs');
  return names.map((name, index) => (own >= 0 && index > own ? name : toWireName(name))).join('.');
}

/** A message of the engine in the words of the wire, where a date is text. */
export function toWireText(text: string): string {
  return text
    .replace('a date: a Date, epoch milliseconds or ISO 8601', 'an ISO 8601 date')
    .replace(MENTIONED, toSnakeCase)
    .replace(KNOWN_MEMBERS, (list) => list.replace(/\w+/g, toWireName));
}

/** An object's own members under their wire names. */
export function toWireMembers(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) named[toWireName(name)] = value;
  return named;
}

/** What a DTO says, as the engine takes it: under TypeScript names, without what is absent. Data of tasks stays as it is. */
export function fromDto(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromDto);
  if (typeof value !== 'object' || value === null || isPlainObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [fromWireName(name), fromDto(member)]));
}
