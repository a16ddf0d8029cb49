import type { JobSpec } from '../../../engine/model/job.js';
import { nameKey, searchedText } from '../../../engine/stores/job-search.js';
import { isPlainObject } from '../../../engine/util/is-plain-object.js';
import type { SearchRow } from './job-row.js';

/** The longest type of a trigger: that of a column for words. */
const WORD_LENGTH = 32;

type Searched = Pick<JobSpec, 'id' | 'name' | 'declaredBy'> & { readonly trigger: { readonly type: string } };

/** What a job is found and sorted by. */
export function searchRowOf(job: Searched): SearchRow {
  return {
    name_key: storable(nameKey(job.name)),
    search: storable(searchedText(job)),
    trigger_type: job.trigger.type.slice(0, WORD_LENGTH),
    declared: job.declaredBy === undefined ? 0 : 1,
  };
}

/**
 * The same of a job that was written without it, and its tags. A job that cannot be read is found by as much of it as can.
 *
 * @param spec - as its row has it.
 */
export function readSearchRow(id: string, spec: string): { readonly row: SearchRow; readonly tags: readonly string[] } {
  const { name, trigger, declaredBy, tags } = parsed(spec);
  const row = searchRowOf({
    id,
    name: textOf(name),
    trigger: { type: isPlainObject(trigger) ? storable(textOf(trigger['type'])) : '' },
    ...(declaredBy !== undefined && { declaredBy: { release: null } }),
  });
  const isTag = (tag: unknown): tag is string => typeof tag === 'string' && tag === storable(tag);
  return { row, tags: Array.isArray(tags) ? [...new Set(tags.filter(isTag))] : [] };
}

/** NUL is in no id and no name of this release; PostgreSQL cannot be told of it. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function parsed(spec: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(spec);
    return isPlainObject(value) ? value : {};
  } catch {
    return {};
  }
}
