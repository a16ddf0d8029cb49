/**
 * The orders that jobs are found in. A member of an index is a key, NUL and a job id; no key has a NUL in it. The facts of a
 * job are the parts that its members are made of, with a NUL between them: its edition, the key of its name, its tags, JSON.
 */
export const INDEX = {
  source: String.raw`
local function membersOf(id, facts)
  local parts = {}
  for part in string.gmatch(facts .. '\0', '([^%z]*)%z') do parts[#parts + 1] = part end
  local tagged = {}
  for n = 3, #parts - 1 do tagged[#tagged + 1] = parts[n] .. '\0' .. id end
  return (parts[2] or '') .. '\0' .. id, tagged
end
local function indexFacts(id, facts)
  local name, tagged = membersOf(id, facts)
  later('HSET', FACTS, id, facts)
  later('ZADD', BYNAME, '0', name)
  for _, member in ipairs(tagged) do later('ZADD', TAGGED, '0', member) end
end
local function unindexFacts(id)
  local facts = call('HGET', FACTS, id)
  if not facts then return end
  local name, tagged = membersOf(id, facts)
  call('ZREM', BYNAME, name)
  if #tagged > 0 then call('ZREM', TAGGED, unpack(tagged)) end
  call('HDEL', FACTS, id)
end

-- What LAST says of a job may have a - before it.
local function lastMember(id, last)
  if not last then return '\0' .. id end
  return (string.byte(last) == 45 and string.sub(last, 2) or last) .. '\0' .. id
end
local function moveLast(id, before, now)
  call('ZREM', BYLAST, lastMember(id, before))
  call('ZADD', BYLAST, '0', lastMember(id, now))
end

-- How many jobs nodes of an earlier release have added, which keep no indexes.
local function countMissing()
  local counts = call('HMGET', META, 'incarnation', 'indexed')
  return (counts[1] or 0) - (counts[2] or 0)
end
-- How many jobs have no place in the order of times: nodes of an earlier release give none to those without a time.
local function countUnplaced()
  return call('HLEN', STATE) - call('HEXISTS', STATE, '') - call('ZCARD', DUE) - call('ZCARD', UNTIMED)
end

local function editionOf(state) return string.match(state or '', '^%d+ %d+') or '-' end
local function editionIn(facts) return string.match(facts, '^[^%z]*') end
`,
};
