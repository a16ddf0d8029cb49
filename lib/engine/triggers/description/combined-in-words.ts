import type { DateInput, TriggerJson } from '../trigger.js';
import { dateInWords } from './dates-in-words.js';

/** Says what a trigger that stands inside another one means. */
export type DescribeMember = (json: TriggerJson) => string;

const COMBINED = new Set(['and', 'or', 'except']);

/** `whenever one of these fires: every hour; at 09:00, on Monday` */
export function combinedInWords({ type, triggers }: TriggerJson, describe: DescribeMember): string {
  const members = (triggers as readonly TriggerJson[]).map((member) => bracketed(member, describe));
  return `whenever ${type === 'and' ? 'all of these fire together' : 'one of these fires'}: ${members.join('; ')}`;
}

/** `at 09:00, every day, except: on 25 December 2030; at 09:00, on Monday` */
export function exceptInWords({ base, except }: TriggerJson, timezone: string, describe: DescribeMember): string {
  const exclusions = (except as readonly unknown[]).map((it) => exclusion(it, timezone, describe));
  const words = bracketed(base as TriggerJson, describe);
  return exclusions.length === 0 ? words : `${words}, except: ${exclusions.join('; ')}`;
}

function exclusion(json: unknown, timezone: string, describe: DescribeMember): string {
  if (typeof json !== 'object' || json === null) return `on ${dateInWords(json as DateInput, timezone)}`;
  if ('type' in json) return bracketed(json as TriggerJson, describe);
  const { from, to } = json as { readonly from: DateInput; readonly to: DateInput };
  return `from ${dateInWords(from, timezone)} to ${dateInWords(to, timezone)}`;
}

/** Only what is made of triggers itself needs brackets to be told from what it stands among. */
function bracketed(json: TriggerJson, describe: DescribeMember): string {
  return COMBINED.has(json.type) ? `[${describe(json)}]` : describe(json);
}
