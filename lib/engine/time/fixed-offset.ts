import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from './civil.js';

const OFFSET = /^([+-])(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?$/;

/** Parses `+02:00`, `-0530`, `+02` or `+00:19:32` into milliseconds east of UTC. @returns undefined for anything else */
export function parseOffset(text: string): number | undefined {
  const match = OFFSET.exec(text);
  if (!match) return undefined;
  const [hours, minutes, seconds] = [match[2], match[3], match[4]].map((part) => Number(part ?? 0));
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const size = hours * HOUR_MS + minutes * MINUTE_MS + seconds * SECOND_MS;
  return match[1] === '-' ? 0 - size : size;
}

/** Formats an offset as Python's isoformat does: `+02:00`, with seconds only if there are any. */
export function formatOffset(offsetMs: number): string {
  const size = Math.abs(offsetMs) % DAY_MS;
  const parts = [Math.floor(size / HOUR_MS), Math.floor((size % HOUR_MS) / MINUTE_MS)];
  const seconds = Math.floor((size % MINUTE_MS) / SECOND_MS);
  if (seconds > 0) parts.push(seconds);
  return (offsetMs < 0 ? '-' : '+') + parts.map((part) => String(part).padStart(2, '0')).join(':');
}
