const TRUE = new Set(['true', '1', 'yes', 'on']);
const FALSE = new Set(['false', '0', 'no', 'off']);

/** A value as it was given, or JSON when it was given as text; undefined when the text is not JSON. */
export function readJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

/** What somebody means by a truth value in an environment variable; undefined when it is none. */
export function readBoolean(value: unknown): boolean | undefined {
  const text = String(value).trim().toLowerCase();
  if (!['string', 'number', 'boolean'].includes(typeof value)) return undefined;
  if (TRUE.has(text)) return true;
  return FALSE.has(text) ? false : undefined;
}

/** A list as it was given, as JSON, or as text with commas. */
export function readList(value: unknown): unknown {
  if (typeof value !== 'string' || value.trimStart().startsWith('[')) return readJson(value);
  return value
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '');
}

/** A text; a number where somebody has read it as one: `SCHEDULER_RELEASE=42`. */
export function readText(value: unknown): unknown {
  return typeof value === 'number' ? String(value) : value;
}

/** Roles as JSON, or as the words of what is to be done, and nothing else: `schedule execute=cpu,mail`. */
export function readRoles(value: unknown): unknown {
  if (typeof value !== 'string' || value.trimStart().startsWith('{')) return readJson(value);
  const roles: { schedule: boolean; execute: unknown } = { schedule: false, execute: false };
  for (const word of value.trim().split(/\s+/)) {
    const [, name, aliases] = /^(schedule|execute)(?:=(.+))?$/.exec(word) ?? [];
    if (name === 'schedule' && aliases === undefined) roles.schedule = true;
    else if (name === 'execute') roles.execute = aliases === undefined ? true : readList(aliases);
    else return undefined;
  }
  return roles;
}
