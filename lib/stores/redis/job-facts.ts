import type { JobSpec } from '../../engine/model/job.js';
import { nameKey, type JobTraits } from '../../engine/stores/job-search.js';

/** What a job is found by, as it stands beside its definition: reading definitions would take too much. */
export interface StoredFacts {
  readonly nameKey: string;
  /** Null when whoever has written them could not read the job. */
  readonly traits: JobTraits | null;
}

type Encoded = [name: string | 0, task: string, trigger: string, executor: string, declared: 0 | 1];

/** The facts of a job that cannot be read, without its edition. */
export const UNKNOWN_FACTS = '\0null';

/** The facts of a job, without its edition: the key of its name, its tags, JSON; with a NUL between them. */
export function encodeFacts({ declaredBy, executor, name, tags = [], task, trigger }: JobSpec): string {
  const key = nameKey(name);
  const rest: Encoded = [name === key ? 0 : name, task, trigger.type, executor, declaredBy === undefined ? 0 : 1];
  return [key, ...tags].map(escapeKey).concat(JSON.stringify(rest)).join('\0');
}

export function decodeFacts(id: string, text: string): StoredFacts {
  const [, key = '', ...others] = text.split('\0');
  const name = unescapeKey(key);
  const encoded = JSON.parse(others.pop() ?? 'null') as Encoded | null;
  if (!encoded) return { nameKey: name, traits: null };
  const [ownName, task, type, executor, declared] = encoded;
  const traits: JobTraits = {
    id,
    name: ownName === 0 ? name : ownName,
    task,
    executor,
    trigger: { type },
    tags: others.map(unescapeKey),
    declaredBy: declared === 1 ? true : undefined,
  };
  return { nameKey: name, traits };
}

/** A text without NUL, as the server keeps it, that sorts as the first one does. */
export function escapeKey(text: string): string {
  return text.toWellFormed().replaceAll('\u0001', '\u0001\u0002').replaceAll('\0', '\u0001\u0001');
}

export function unescapeKey(text: string): string {
  if (!text.includes('\u0001')) return text;
  return text.replaceAll('\u0001\u0001', '\0').replaceAll('\u0001\u0002', '\u0001');
}
