import { DAY_MS, epochDay, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../time/civil.js';
import { formatOffset } from '../../time/fixed-offset.js';
import { TimeZone } from '../../time/time-zone.js';
import { isPlainObject } from '../../util/is-plain-object.js';
import { show } from '../../util/inspect.js';
import { PythonName, PythonObject, unpickle } from './pickle.js';

const PICKLE = '__apscheduler_pickle__';

/** A Python value that is not supported. The message follows the name of a field. */
export class PythonFault extends Error {}

/** An instant, and its time zone; null if it had none. */
export interface PythonInstant {
  readonly epochMs: number;
  readonly timezone: string | null;
}

/** Reads a value of an export, and unpickles it if necessary. @throws PythonFault */
export function readPython(value: unknown): unknown {
  if (!isPlainObject(value) || !(PICKLE in value)) return value;
  try {
    return unpickle(Buffer.from(String(value[PICKLE]), 'base64'));
  } catch (error) {
    throw new PythonFault(`cannot be read: the pickle ${(error as Error).message}`);
  }
}

/** Describes a value for a message. */
export function nameOf(value: unknown): string {
  const name = value instanceof PythonObject ? value.callee : value;
  if (name instanceof PythonName) return `Python's ${name.ref}`;
  return value instanceof PythonObject ? 'an object of Python' : show(value);
}

/** Python: `datetime.datetime`. @throws PythonFault */
export function readInstant(value: unknown): PythonInstant {
  const read = readPython(value);
  const [bytes, zone = null] = argsOf(read, 'datetime:datetime') ?? [];
  if (!(bytes instanceof Uint8Array) || bytes.length !== 10)
    throw new PythonFault(`must be a datetime, got ${nameOf(read)}`);
  const [high = 0, low = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, a = 0, b = 0, c = 0] = bytes;
  // The second occurrence of a repeated time has the highest bit of the month set (PEP 495).
  const isLater = month > 127;
  const date = epochDay(high * 256 + low, month & 127, day) * DAY_MS;
  const milliseconds = Math.floor((a * 65_536 + b * 256 + c) / 1000);
  const wall = date + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + milliseconds;
  const timezone = zone === null ? null : readZone(zone);
  const clock = TimeZone.of(timezone ?? 'UTC');
  return { epochMs: isLater ? wall - clock.lastSegmentReaching(wall).offset : clock.toInstant(wall), timezone };
}

/** Python: `datetime.date`, as `2030-01-31`. @throws PythonFault */
export function readDay(value: unknown): string {
  const read = readPython(value);
  const [bytes] = argsOf(read, 'datetime:date') ?? [];
  if (!(bytes instanceof Uint8Array) || bytes.length !== 4)
    throw new PythonFault(`must be a date, got ${nameOf(read)}`);
  const [high = 0, low = 0, month = 0, day = 0] = bytes;
  const digits = (part: number, width: number): string => String(part).padStart(width, '0');
  return `${digits(high * 256 + low, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

/** Python: `datetime.timedelta`, in milliseconds. @throws PythonFault */
export function readDuration(value: unknown): number {
  const read = readPython(value);
  const parts = argsOf(read, 'datetime:timedelta');
  if (!parts || !parts.every((part) => typeof part === 'number')) {
    throw new PythonFault(`must be a timedelta, got ${nameOf(read)}`);
  }
  const [days = 0, seconds = 0, microseconds = 0] = parts as number[];
  return days * DAY_MS + seconds * SECOND_MS + microseconds / 1000;
}

/** Python: `zoneinfo`, `datetime.timezone` and pytz, as a zone's name or offset. @throws PythonFault */
export function readZone(value: unknown): string {
  const read = readPython(value);
  const name = zoneNameOf(read);
  if (name === undefined) throw new PythonFault(`must be a time zone with a name or an offset, got ${nameOf(read)}`);
  try {
    return TimeZone.of(name).name;
  } catch {
    throw new PythonFault(`must be in a time zone that is known here, got ${show(name)}`);
  }
}

function zoneNameOf(zone: unknown): string | undefined {
  const [offset] = argsOf(zone, 'datetime:timezone') ?? [];
  if (offset !== undefined) {
    const offsetMs = readDuration(offset);
    return offsetMs === 0 ? 'UTC' : formatOffset(offsetMs);
  }
  if (argsOf(zone, 'pytz:_UTC')) return 'UTC';
  const [name] = argsOf(zone, 'pytz:_p') ?? argsOfZoneInfo(zone) ?? [];
  return typeof name === 'string' ? name : undefined;
}

/** `ZoneInfo` is pickled as a call of its method `_unpickle`. */
function argsOfZoneInfo(zone: unknown): readonly unknown[] | undefined {
  if (!(zone instanceof PythonObject)) return undefined;
  const [owner, method] = argsOf(zone.callee, 'builtins:getattr') ?? [];
  return owner instanceof PythonName && owner.name === 'ZoneInfo' && method === '_unpickle' ? zone.args : undefined;
}

/** The arguments of a call of this class or function; undefined if it is another one. */
function argsOf(value: unknown, ref: string): readonly unknown[] | undefined {
  if (!(value instanceof PythonObject) || !(value.callee instanceof PythonName)) return undefined;
  return value.callee.ref === ref ? value.args : undefined;
}
