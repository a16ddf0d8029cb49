import { INDEX } from './index-part.js';
import { RUN_STATE } from './run-parts.js';
import { script } from './script.js';

/**
 * What jobs are found by: states, facts, whether these are of the job's edition, the runs begun last and, where asked for, whether a run is under way and what became
 * of the last one. Of as many jobs as fit into one step, of one at least.
 */
const SHOWN = {
  source: String.raw`
local bytes = 0
local function rowOf(runId)
  local row = call('HGET', RUNS, runId) or ''
  bytes = bytes + #row
  return row
end
local function isRunning(id, incarnation)
  local left = totalBusy(incarnation)
  local prefix, offset = #id .. ':' .. id .. ':', 0
  while left > 0 do
    local members = call('ZREVRANGEBYLEX', OFJOB, '(' .. prefix .. '\255', '[' .. prefix, 'LIMIT', offset, 100)
    for _, member in ipairs(members) do
      local runId = string.sub(member, #prefix + 1)
      local its = string.match(call('HGET', LIVE, runId) or '', '^%S+ %S+ (%S+) ')
      if its == incarnation then
        left = left - 1
        local runState = runStateOf(rowOf(runId))
        if runState == 'running' or runState == 'handed_over' then return true end
      end
    end
    if #members < 100 then return false end
    offset = offset + 100
  end
  return false
end

local function show(ids, asksForRunning, asksForOutcome)
  local found, facts, lasts = fetch(STATE, ids), fetch(FACTS, ids), fetch(LAST, ids)
  local current, running, outcomes, looked = {}, {}, {}, #ids
  if asksForRunning == '1' then
    local incarnations = {}
    for n in ipairs(ids) do incarnations[n] = incarnationOf(found[n] or '') end
    loadBusy(incarnations)
  end
  for n, id in ipairs(ids) do
    if bytes > PAGE_BYTES then
      looked = n - 1
      break
    end
    bytes = bytes + #(facts[n] or '')
    current[n] = facts[n] and editionIn(facts[n]) == editionOf(found[n]) and 1 or 0
    local last = string.gsub(lasts[n] or '', '^%-', '')
    lasts[n] = last
    running[n] = asksForRunning == '1' and isRunning(id, incarnationOf(found[n] or '')) and 1 or 0
    outcomes[n] = asksForOutcome == '1' and last ~= '' and runStateOf(rowOf(last)) or ''
  end
  return looked, found, facts, current, lasts, running, outcomes
end
`,
};

/**
 * Some places of an order, and what the jobs there are found by. Arguments: the order, whether it is descending, how many at
 * most; whether it goes on after a place, and this: its key as the index has it (inf for no time), its id; whether the place
 * itself counts; from which time and before which (nothing for all); whether runs under way, and outcomes, are asked for.
 * Answers keys, ids, whether there are more; then what is shown of them.
 */
export const WALK_JOBS = script(
  ['BUSY', INDEX, RUN_STATE, SHOWN],
  String.raw`
local order, isDown, count, isAfter, key, id, isInclusive, from, to, running, outcomes = unpack(ARGV, 5, 15)
-- One more shows whether there are more.
isDown, count, isAfter, isInclusive = isDown == '1', tonumber(count) + 1, isAfter == '1', isInclusive == '1'
local keys, ids = {}, {}

local function byMembers(index, after)
  local edge = after and (isInclusive and '[' or '(') .. after
  local limit = count - #ids
  local members
  if isDown then members = call('ZREVRANGEBYLEX', index, edge or '+', '-', 'LIMIT', 0, limit)
  else members = call('ZRANGEBYLEX', index, edge or '-', '+', 'LIMIT', 0, limit) end
  for _, member in ipairs(members) do
    local nul = index ~= BYID and index ~= UNTIMED and string.find(member, '\0', 1, true)
    keys[#keys + 1] = nul and string.sub(member, 1, nul - 1) or (index == UNTIMED and 'inf' or '')
    ids[#ids + 1] = nul and string.sub(member, nul + 1) or member
  end
end

-- Lua compares by the server's locale.
local function isBefore(one, other)
  for n = 1, math.min(#one, #other) do
    local a, b = string.byte(one, n), string.byte(other, n)
    if a ~= b then return a < b end
  end
  return #one < #other
end
-- How many of the due jobs come before a place.
local function rankOf(score, place, countsItself)
  local low, high = call('ZCOUNT', DUE, '-inf', '(' .. score), call('ZCOUNT', DUE, '-inf', score)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local other = call('ZRANGE', DUE, middle, middle)[1]
    if isBefore(other, place) or (countsItself and other == place) then low = middle + 1 else high = middle end
  end
  return low
end
local function byTime()
  local first = from == '' and 0 or call('ZCOUNT', DUE, '-inf', '(' .. from)
  local past = to == '' and call('ZCARD', DUE) or call('ZCOUNT', DUE, '-inf', '(' .. to)
  if isAfter and key ~= 'inf' then
    if isDown then past = math.min(past, rankOf(key, id, isInclusive))
    else first = math.max(first, rankOf(key, id, not isInclusive)) end
  end
  if isDown then first = math.max(first, past - (count - #ids)) else past = math.min(past, first + count) end
  if past <= first then return end
  local found = call('ZRANGE', DUE, first, past - 1, 'WITHSCORES')
  for n = 1, #found, 2 do
    local at = isDown and #found - n or n
    ids[#ids + 1], keys[#keys + 1] = found[at], found[at + 1]
  end
end

local member = isAfter and key .. '\0' .. id
if order == 'id' then byMembers(BYID, isAfter and id)
elseif order == 'name' then byMembers(BYNAME, member)
elseif order == 'lastRun' then byMembers(BYLAST, member)
else
  local isBounded = from ~= '' or to ~= ''
  local atUntimed = isAfter and key == 'inf'
  if isDown and not isBounded and (atUntimed or not isAfter) then byMembers(UNTIMED, atUntimed and id) end
  if #ids < count and (isDown or not atUntimed) then byTime() end
  if not isDown and not isBounded and #ids < count then byMembers(UNTIMED, atUntimed and id) end
end
local isMore = #ids == count and 1 or 0
if isMore == 1 then ids[count], keys[count] = nil, nil end
return { keys, ids, isMore, show(ids, running, outcomes) }
`,
);

/** What these jobs are found by. Arguments: whether runs under way, and outcomes, are asked for; ids. */
export const SHOW_JOBS = script(
  ['BUSY', INDEX, RUN_STATE, SHOWN],
  `
local ids = {}
for at = 7, #ARGV do ids[#ids + 1] = ARGV[at] end
return { show(ids, ARGV[5], ARGV[6]) }
`,
);

/**
 * How many jobs are missing from the indexes, how many from the order of times, and the ids of all jobs that a filter may leave, where these are few: by the part
 * of it that leaves the fewest. Arguments: how many are few; whether runs under way are asked for; the times from and to, as
 * Redis takes them, or nothing; whether tags are asked for, and these. Answers no ids when there are more. An id may come twice.
 */
export const BEGIN_SEARCH = script(
  [INDEX],
  String.raw`
local most, read = tonumber(ARGV[5]) + 1, nil
local function offer(count, how)
  if count < most then most, read = count, how end
end
if ARGV[6] == '1' then
  offer(call('HLEN', LIVE), function(ids)
    for _, entry in ipairs(call('HVALS', LIVE)) do ids[#ids + 1] = string.match(entry, '^%S+ %S+ %S+ (.*)') end
  end)
end
local from, to = ARGV[7], ARGV[8]
if from ~= '' then
  offer(call('ZCOUNT', DUE, from, to), function(ids)
    for _, id in ipairs(call('ZRANGEBYSCORE', DUE, from, to)) do ids[#ids + 1] = id end
  end)
end
if ARGV[9] == '1' then
  local count = 0
  for at = 10, #ARGV do count = count + call('ZLEXCOUNT', TAGGED, '[' .. ARGV[at] .. '\0', '(' .. ARGV[at] .. '\1') end
  offer(count, function(ids)
    for at = 10, #ARGV do
      for _, member in ipairs(call('ZRANGEBYLEX', TAGGED, '[' .. ARGV[at] .. '\0', '(' .. ARGV[at] .. '\1')) do
        ids[#ids + 1] = string.sub(member, #ARGV[at] + 2)
      end
    end
  end)
end
local ids = read and {} or false
if ids then read(ids) end
return { countMissing(), countUnplaced(), ids }
`,
);
