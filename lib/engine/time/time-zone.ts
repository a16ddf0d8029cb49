import { InvalidInputError } from '../errors.js';
import { BoundedCache } from '../util/bounded-cache.js';
import { show } from '../util/inspect.js';
import { DAY_MS } from './civil.js';
import { formatOffset, parseOffset } from './fixed-offset.js';
import {
  findSegments,
  firstSegment,
  platformOffsets,
  representativeSpan,
  spanOf,
  type ZoneSegment,
} from './zone-segments.js';
import { spellZone } from './zone-names.js';

/** More than there are named zones; of fixed offsets, the oldest go. */
const MAX_ZONES = 1024;
const zones = new BoundedCache<string, TimeZone>(MAX_ZONES);

/** Spans of a zone that are kept: 130 years. */
const MAX_SPANS = 256;

/** A power of 2. */
const RECENT_SPANS = 64;
const NOWHERE: ZoneSegment = { start: Infinity, end: Infinity, offset: 0, offsetBefore: 0 };

/**
 * A time zone: an IANA name, `UTC`, or a fixed offset such as `+02:00`. Equal names share an object.
 * Offsets come from the platform's tz data. They are looked up once per span of time and kept,
 * so that asking again makes neither a Date nor an Intl object.
 */
export class TimeZone {
  /** Whether its offset never changes. */
  readonly isFixed: boolean;
  private readonly spans = new BoundedCache<number, readonly ZoneSegment[]>(MAX_SPANS);
  /** Where the last answer was found: the next question is mostly about the same time. */
  private last: ZoneSegment;
  /** Where the last answers in other spans were found, by the last bits of the span's number: 33 years of them. */
  private readonly recent: ZoneSegment[];

  private constructor(
    /** As it stands in answers: `Europe/Berlin`, `UTC`, `+02:00`. */
    readonly name: string,
    private readonly source: (epochMs: number) => number,
    only?: ZoneSegment,
  ) {
    this.isFixed = only !== undefined;
    this.last = only ?? NOWHERE;
    this.recent = Array.from({ length: only === undefined ? RECENT_SPANS : 0 }, () => NOWHERE);
  }

  /**
   * The zone of a name. IANA names are taken in any case.
   *
   * @throws InvalidInputError naming the field `timezone`
   */
  static of(name: string): TimeZone {
    const known = typeof name === 'string' ? zones.get(name) : undefined;
    return known ?? TimeZone.make(name);
  }

  private static make(given: string): TimeZone {
    const offset = typeof given === 'string' ? parseOffset(given) : undefined;
    // Most other spellings need no look at the platform, which is slow to forget what it has looked up.
    const spelled = typeof given === 'string' && offset === undefined ? zones.get(spellZone(given)) : undefined;
    if (spelled !== undefined) return spelled;
    const { name, canonical } = offset === undefined ? readName(given) : { name: formatOffset(offset), canonical: '' };
    // Other spellings are read anew each time, so that they cannot fill the cache.
    const known = zones.get(name);
    if (known !== undefined) return known;
    const constant = offset ?? (canonical === 'UTC' ? 0 : undefined);
    const zone = constant === undefined ? new TimeZone(name, platformOffsets(name)) : TimeZone.fixed(name, constant);
    return zones.set(name, zone);
  }

  private static fixed(name: string, offset: number): TimeZone {
    return new TimeZone(name, () => offset, { start: -Infinity, end: Infinity, offset, offsetBefore: offset });
  }

  /** The offset at an instant, in milliseconds east of UTC; with seconds, where history has them. */
  offsetAt(epochMs: number): number {
    return this.segmentAt(epochMs).offset;
  }

  /**
   * The instant at which clocks show a wall-clock time. A time that comes twice means the first; one that a gap
   * swallows is read with the offset from before the gap (Python: `fold=0`, Temporal: `compatible`).
   *
   * @param wallMs - the wall-clock time as if it were UTC, in epoch milliseconds.
   */
  toInstant(wallMs: number): number {
    const segment = this.firstSegmentReaching(wallMs);
    const exists = wallMs >= segment.start + segment.offset;
    return wallMs - (exists ? segment.offset : segment.offsetBefore);
  }

  /** The stretch of one offset that an instant is in. */
  segmentAt(epochMs: number): ZoneSegment {
    const { last } = this;
    return epochMs >= last.start && epochMs < last.end ? last : this.find(epochMs);
  }

  /**
   * The first segment whose clocks pass a wall-clock time. Either they show it, or the segment begins later
   * on the wall: then the time falls in the gap at its start.
   */
  firstSegmentReaching(wallMs: number): ZoneSegment {
    let segment = this.segmentAt(wallMs - DAY_MS);
    while (wallMs >= segment.end + segment.offset) segment = this.segmentAt(segment.end);
    return segment;
  }

  /**
   * The last segment whose clocks begin at or before a wall-clock time. Either they show it, or the segment ends
   * earlier on the wall: then the time falls in the gap at its end.
   */
  lastSegmentReaching(wallMs: number): ZoneSegment {
    let segment = this.segmentAt(wallMs + DAY_MS);
    while (wallMs < segment.start + segment.offset) segment = this.segmentAt(segment.start - 1);
    return segment;
  }

  private find(epochMs: number): ZoneSegment {
    const span = spanOf(epochMs);
    const slot = span & (RECENT_SPANS - 1);
    const recent = this.recent[slot] ?? NOWHERE;
    const isThere = epochMs >= recent.start && epochMs < recent.end;
    return (this.last = isThere ? recent : (this.recent[slot] = this.lookUp(span, epochMs)));
  }

  private lookUp(span: number, epochMs: number): ZoneSegment {
    const representative = representativeSpan(span);
    if (representative === null) return firstSegment(this.source);
    const { span: looked, shiftMs } = representative;
    const segments = this.spans.getOrMake(looked, () => findSegments(looked, this.source));
    for (const segment of segments) if (epochMs - shiftMs < segment.end) return shifted(segment, shiftMs);
    throw new RangeError(`Time zone ${this.name}: ${epochMs} is not an instant`);
  }
}

function shifted(segment: ZoneSegment, ms: number): ZoneSegment {
  return ms === 0 ? segment : { ...segment, start: segment.start + ms, end: segment.end + ms };
}

let local: string | undefined;

/** The computer's time zone, as it was when first asked for; UTC when it names none. */
export function localTimeZone(): string {
  return (local ??= findLocalTimeZone());
}

function findLocalTimeZone(): string {
  // Node has no name, or `Etc/Unknown`, when the environment variable TZ names no zone.
  const name: string | undefined = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return name === undefined || name === 'Etc/Unknown' ? 'UTC' : name;
}

/**
 * Checks a name. It becomes the platform's spelling, save that a second name of a zone stays: platforms answer
 * `Asia/Calcutta` for `Asia/Kolkata`, and users want to read back what they wrote.
 */
function readName(given: string): { name: string; canonical: string } {
  try {
    if (typeof given !== 'string') throw new RangeError('not a name');
    const canonical = new Intl.DateTimeFormat('en-US', { timeZone: given }).resolvedOptions().timeZone;
    const isSecondName = given.toLowerCase() !== canonical.toLowerCase();
    return { name: isSecondName ? spellZone(given) : canonical, canonical };
  } catch {
    const problem = `must be an IANA time zone, UTC or an offset such as +02:00, got ${show(given)}`;
    throw new InvalidInputError('Invalid time zone', [{ field: 'timezone', problem }]);
  }
}
