import { INDEX } from './index-part.js';
import { script } from './script.js';

/** Adding jobs. Additions are counted in the mark of the jobs, which BEAT compares, and among those that the indexes have. */
const ADDING = {
  source: String.raw`
local FIELDS = 6
local function nextIncarnation(count)
  call('HINCRBY', META, 'indexed', count)
  return call('HINCRBY', META, 'incarnation', count) - count
end
local soonest
local function addJob(incarnation, id, definition, next, nominal, paused, facts)
  local edition = string.format('%.0f 1', incarnation)
  later('HSET', JOBS, id, definition)
  later('HSET', STATE, id, table.concat({ edition, next, nominal, paused }, ' '))
  later('ZADD', BYID, '0', id)
  later('ZADD', BYLAST, '0', lastMember(id))
  indexFacts(id, edition .. '\0' .. facts)
  if next == '-' then
    later('ZADD', UNTIMED, '0', id)
    return
  end
  later('ZADD', DUE, next, id)
  if not soonest or tonumber(next) < tonumber(soonest) then soonest = next end
end
-- What was left of jobs that were lost, or that a node of an earlier release has removed.
local function unindexLost(ids)
  for n, facts in ipairs(fetch(FACTS, ids)) do
    if facts then unindexFacts(ids[n]) end
  end
end
local function countInMark(incarnation)
  local generation = string.match(call('HGET', STATE, '') or '', '^%S+')
  if generation then call('HSET', STATE, '', generation .. ' ' .. string.format('%.0f', incarnation)) end
end
`,
};

/**
 * Adds jobs, or none: answers the place of the first whose id is taken. Arguments: whether those that have completed are
 * refused; for each: id, definition, next, nominal, paused, facts without the edition. Answers -1 when one has completed.
 */
export const ADD_JOBS = script(
  [INDEX, ADDING],
  String.raw`
local ids, seen = {}, {}
for at = 6, #ARGV, FIELDS do ids[#ids + 1] = ARGV[at] end
loadStates(ids)
for place, id in ipairs(ids) do
  if states[id] or seen[id] then return place end
  seen[id] = true
end
if ARGV[5] == '1' then
  for place, id in ipairs(ids) do
    local nominal = tonumber(string.match(ARGV[3 + place * FIELDS], '^[^/]+'))
    local last = call('ZSCORE', COMPLETED, id)
    if nominal and last and nominal <= tonumber(last) then return -1 end
  end
end
unindexLost(ids)
local incarnation = nextIncarnation(#ids)
for at = 6, #ARGV, FIELDS do
  incarnation = incarnation + 1
  addJob(incarnation, unpack(ARGV, at, at + FIELDS - 1))
end
flush()
countInMark(incarnation)
if soonest then tell(soonest) end
return 0
`,
);

/** Keeps some jobs until the last of them are here. Arguments: whether they are the first; then for each the same as above. */
export const STAGE_JOBS = script(
  [],
  `
if ARGV[5] == '1' then call('DEL', STAGED) end
for first = 6, #ARGV, CHUNK do call('RPUSH', STAGED, unpack(ARGV, first, math.min(first + CHUNK - 1, #ARGV))) end
call('PEXPIRE', STAGED, 60000)
return 1
`,
);

/** Adds the jobs that are staged, or none: answers the place of the first whose id is taken, or -1 when they are not all there. Argument: how many they are. */
export const ADD_STAGED = script(
  [INDEX, ADDING],
  String.raw`
-- What is of one job stays together.
local AT_ONCE = CHUNK - CHUNK % FIELDS
local count = tonumber(ARGV[5]) * FIELDS
if call('LLEN', STAGED) ~= count then
  call('DEL', STAGED)
  return -1
end
local seen = {}
for first = 0, count - 1, AT_ONCE do
  local some, ids = call('LRANGE', STAGED, first, first + AT_ONCE - 1), {}
  for at = 1, #some, FIELDS do ids[#ids + 1] = some[at] end
  local there = fetch(STATE, ids)
  for place, id in ipairs(ids) do
    if there[place] or seen[id] then
      call('DEL', STAGED)
      return first / FIELDS + place
    end
    seen[id] = true
  end
end
local incarnation = nextIncarnation(count / FIELDS)
for first = 0, count - 1, AT_ONCE do
  local some, ids = call('LRANGE', STAGED, first, first + AT_ONCE - 1), {}
  for at = 1, #some, FIELDS do ids[#ids + 1] = some[at] end
  unindexLost(ids)
  for at = 1, #some, FIELDS do
    incarnation = incarnation + 1
    addJob(incarnation, unpack(some, at, at + FIELDS - 1))
  end
  flush()
end
call('DEL', STAGED)
countInMark(incarnation)
if soonest then tell(soonest) end
return 0
`,
);

export const GET_JOB = script([], `return { call('HGET', STATE, ARGV[5]), call('HGET', JOBS, ARGV[5]) }`);

/** Answers states and definitions of these jobs, in their order: of as many as fit into an answer, of one at least. */
export const GET_JOBS = script(
  [],
  `
local ids, definitions, bytes = {}, {}, 0
for at = 5, #ARGV do
  if bytes > PAGE_BYTES then break end
  ids[#ids + 1] = ARGV[at]
  definitions[#ids] = call('HGET', JOBS, ARGV[at])
  bytes = bytes + #(definitions[#ids] or '')
end
return { fetch(STATE, ids), definitions }
`,
);

/**
 * A page of the jobs whose definition has a text in it, or of all: a cursor, ids, states, definitions, how many jobs were
 * looked at, how many bytes they take, and how many jobs have a state. Arguments: cursor, text or nothing, about how many jobs.
 */
export const FIND_JOBS = script(
  [],
  `
local page = call('HSCAN', JOBS, ARGV[5], 'COUNT', ARGV[7])
local ids, definitions, bytes = {}, {}, 0
for at = 1, #page[2], 2 do
  bytes = bytes + #page[2][at + 1]
  if string.find(page[2][at + 1], ARGV[6], 1, true) then
    ids[#ids + 1] = page[2][at]
    definitions[#definitions + 1] = page[2][at + 1]
  end
end
return { page[1], ids, fetch(STATE, ids), definitions, #page[2] / 2, bytes, call('HLEN', STATE) - call('HEXISTS', STATE, '') }
`,
);

/** A page of the jobs whose definition is gone: a cursor, ids, states. Argument: cursor. */
export const FIND_UNDEFINED = script(
  [],
  `
local page = call('HSCAN', STATE, ARGV[5], 'COUNT', CHUNK)
local ids, states = {}, {}
for at = 1, #page[2], 2 do
  if page[2][at] ~= '' and call('HEXISTS', JOBS, page[2][at]) == 0 then
    ids[#ids + 1], states[#states + 1] = page[2][at], page[2][at + 1]
  end
end
return { page[1], ids, states }
`,
);

/** Replaces a job that still is as it was seen. Arguments: id, state as seen, definition, next, nominal, paused, facts without the edition. */
export const UPDATE_JOB = script(
  [INDEX],
  String.raw`
local id, seen, definition, next, nominal, paused, facts = unpack(ARGV, 5, 11)
local state = stateOf(id)
if not state then return -1 end
if state ~= seen then return 0 end
local incarnation, revision = string.match(state, '^(%d+) (%d+)')
call('HSET', JOBS, id, definition)
local numbered = string.format('%s %.0f', incarnation, revision + 1)
call('HSET', STATE, id, table.concat({ numbered, next, nominal, paused }, ' '))
if next == '-' then
  call('ZREM', DUE, id)
  call('ZADD', UNTIMED, '0', id)
else
  call('ZADD', DUE, next, id)
  call('ZREM', UNTIMED, id)
end
unindexFacts(id)
indexFacts(id, numbered .. '\0' .. facts)
flush()
if paused == '0' and call('HEXISTS', RETRYING, incarnation) == 1 then tell(NOW)
elseif next ~= '-' then tell(next) end
return 1
`,
);

export const REMOVE_JOB = script(['BUSY', 'DROP'], `return dropJob(ARGV[5]) and 1 or 0`);

/** Removes a job that still is as it was seen. Arguments: id, state as seen. */
export const REMOVE_SEEN = script(
  ['BUSY', 'DROP'],
  `
local state = stateOf(ARGV[5])
if not state then return -1 end
return state == ARGV[6] and dropJob(ARGV[5]) and 1 or 0
`,
);

export const REMOVE_IF_ENDED = script(['BUSY', 'DROP'], `return hasEnded(ARGV[5]) and dropJob(ARGV[5]) and 1 or 0`);

export const REMOVE_ALL = script(
  ['BUSY', 'DROP'],
  `
local mark = call('HGET', STATE, '')
for _, id in ipairs(call('HKEYS', STATE)) do
  if call('HLEN', RETRYING) == 0 then break end
  dropJob(id)
end
for _, id in ipairs(call('HKEYS', LAST)) do forgetLast(id) end
flush()
call('UNLINK', JOBS, STATE, DUE, RETRIES, RETRYING, LAST, FACTS, BYID, BYNAME, BYLAST, UNTIMED, TAGGED)
if mark then call('HSET', STATE, '', mark) end
return 1
`,
);
