import { INDEX } from './index-part.js';
import { script } from './script.js';

export const COUNT_MISSING = script([INDEX], `return countMissing()`);

/** Notes that jobs are in the indexes now. Argument: how many that were not. Another node may have noted them. */
export const NOTE_INDEXED = script(
  [INDEX],
  `
call('HINCRBY', META, 'indexed', math.min(countMissing(), tonumber(ARGV[5])))
return 1
`,
);

/**
 * A page of the jobs that the indexes do not have as they are: a cursor, ids, how many jobs were looked at, and how many bytes
 * they take. Arguments: whether to go by states or by definitions; cursor, about how many jobs.
 */
export const UNINDEXED_JOBS = script(
  [INDEX],
  String.raw`
local page = call('HSCAN', ARGV[5] == 'states' and STATE or JOBS, ARGV[6], 'COUNT', ARGV[7])
local ids, bytes = {}, 0
for at = 1, #page[2], 2 do
  if page[2][at] ~= '' then ids[#ids + 1] = page[2][at] end
  bytes = bytes + #page[2][at + 1]
end
local there, facts, last, found = fetch(STATE, ids), fetch(FACTS, ids), fetch(LAST, ids), {}
for n, id in ipairs(ids) do
  local hasPlaces = call('ZSCORE', BYID, id) and call('ZSCORE', BYLAST, lastMember(id, last[n]))
    and (call('ZSCORE', DUE, id) or call('ZSCORE', UNTIMED, id))
  if not hasPlaces or not facts[n] or editionIn(facts[n]) ~= editionOf(there[n]) then found[#found + 1] = id end
end
return { page[1], found, #page[2] / 2, bytes }
`,
);

/**
 * Puts jobs where they belong in the indexes, and takes out what is gone. Arguments: for each job: id, its state as it was read,
 * its facts without the edition, and a member that is out of date: of which index (name, lastRun), and the member.
 */
export const INDEX_JOBS = script(
  [INDEX],
  String.raw`
for at = 5, #ARGV, 5 do
  local id, seen, facts, order, member = unpack(ARGV, at, at + 4)
  if order == 'name' then call('ZREM', BYNAME, member) elseif order == 'lastRun' then call('ZREM', BYLAST, member) end
  local state, current = call('HGET', STATE, id), call('HGET', FACTS, id)
  if state or call('HEXISTS', JOBS, id) == 1 then
    if current and editionIn(current) == editionOf(state) then indexFacts(id, current)
    else
      -- Where it has changed since, this is an older edition, which is noticed when the job is looked at.
      unindexFacts(id)
      indexFacts(id, editionOf(seen) .. '\0' .. facts)
    end
    call('ZADD', BYID, '0', id)
    call('ZADD', BYLAST, '0', lastMember(id, call('HGET', LAST, id)))
    if call('ZSCORE', DUE, id) then call('ZREM', UNTIMED, id) else call('ZADD', UNTIMED, '0', id) end
  else
    unindexFacts(id)
    call('ZREM', BYID, id)
    call('ZREM', UNTIMED, id)
  end
end
flush()
return 1
`,
);
