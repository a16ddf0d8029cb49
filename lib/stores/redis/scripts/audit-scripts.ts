import { script } from './script.js';

/**
 * Adds to the audit trail, and prunes as much of it at least. Arguments: how many entries it may have; what the ids of those
 * begin with that are not too old; then an id and a row for each entry. Answers how many were pruned.
 */
export const APPEND_AUDIT = script(
  [],
  String.raw`
-- A letter tells the members of job "a" from those of actor "a".
local function membersOf(id, row)
  local job, actor, action = string.match(row, '%z([^%z]*)%z([^%z]*)%z([^%z]*)$')
  local members = {}
  if not job then return members end
  if job ~= '' then members[#members + 1] = 'j' .. job .. '\0' .. id end
  if actor ~= '' then members[#members + 1] = 'a' .. actor .. '\0' .. id end
  members[#members + 1] = 'x' .. action .. '\0' .. id
  return members
end
local function drop(ids)
  if #ids == 0 then return end
  local rows = fetch(AUDIT, ids)
  for n, id in ipairs(ids) do
    for _, member in ipairs(membersOf(id, rows[n] or '')) do later('ZREM', AUDITBY, member) end
    later('HDEL', AUDIT, id)
    later('ZREM', AUDITIDS, id)
  end
  flush()
end

for at = 7, #ARGV, 2 do
  local id, row = ARGV[at], ARGV[at + 1]
  later('HSET', AUDIT, id, row)
  later('ZADD', AUDITIDS, 0, id)
  for _, member in ipairs(membersOf(id, row)) do later('ZADD', AUDITBY, 0, member) end
end
flush()
local excess = math.min(call('ZCARD', AUDITIDS) - tonumber(ARGV[5]), CHUNK)
local many = excess > 0 and call('ZRANGE', AUDITIDS, 0, excess - 1) or {}
drop(many)
local old = call('ZRANGEBYLEX', AUDITIDS, '-', '(' .. ARGV[6], 'LIMIT', 0, CHUNK)
drop(old)
return #many + #old
`,
);

/**
 * Some entries of the audit trail, the latest first. Arguments: what members begin with, or nothing for all entries; between
 * which ids; how many at most. Answers ids and rows, fewer when they are large, and whether there may be more.
 */
export const PAGE_AUDIT = script(
  [],
  String.raw`
local prefix, after, before, limit = unpack(ARGV, 5, 8)
local index = prefix == '' and AUDITIDS or AUDITBY
local found = call('ZREVRANGEBYLEX', index, '(' .. prefix .. before, '(' .. prefix .. after, 'LIMIT', 0, limit)
local ids = {}
for n, member in ipairs(found) do ids[n] = string.sub(member, #prefix + 1) end
local rows, bytes = {}, 0
for n, id in ipairs(ids) do
  rows[n] = call('HGET', AUDIT, id) or ''
  bytes = bytes + #rows[n]
  if bytes > PAGE_BYTES then
    for past = n + 1, #ids do ids[past] = nil end
    break
  end
end
return { ids, rows, #found == tonumber(limit) and 1 or (#ids < #found and 1 or 0) }
`,
);
