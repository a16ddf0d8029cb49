import { RUN_PARTS, RUN_STATE } from './run-parts.js';
import { script } from './script.js';

/**
 * Says that this node is there. One that is late has its lease still; one whose lease was ended begins anew, with another
 * fence. Arguments: lease (ms), node name, and the mark of the jobs as this node knows it. Answers how many leases are over,
 * too, in how many milliseconds the first of the others may be, the ids of the runs that this node has not settled, the mark,
 * and whether jobs have been lost: the mark is missing, another, or counts less than before. Such a mark is replaced, so that
 * the other nodes notice the loss though jobs have been added since.
 */
export const BEAT = script(
  [],
  String.raw`
local lease, name, generation, count = unpack(ARGV, 5, 8)
local state
if hasLease() then
  state = 'ok'
elseif isNoted() then
  state = 'late'
else
  state = 'joined'
  if FENCE == '' then
    -- It starts: perhaps all do.
    call('ZREM', BEATS, ME)
    if call('ZCOUNT', BEATS, '(' .. NOW, '+inf') == 0 then call('DEL', STARTS) end
  end
  FENCE = string.format('%.0f', call('HINCRBY', META, 'fence', 1))
  call('HSET', NODES, ME, table.concat({ FENCE, lease, name }, ' '))
  call('DEL', HELD)
  call('HDEL', DESCRIBED, ME)
end
call('ZADD', BEATS, string.format('%.0f', NOW + lease), ME)
-- A lease that holds for longer than it lasts is from before the clock was set back, or damaged.
for _, other in ipairs(call('ZRANGEBYSCORE', BEATS, string.format('(%.0f', NOW + lease + 1000), '+inf')) do
  local its = string.match(call('HGET', NODES, other) or '', '^%S+ (%d+) ') or lease
  if call('ZSCORE', BEATS, other) - NOW > its + 1000 then call('ZADD', BEATS, string.format('%.0f', NOW + its), other) end
end
local soonest = call('ZRANGEBYSCORE', BEATS, '(' .. NOW, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2]
local found, counted = string.match(call('HGET', STATE, '') or '', '^(%S+) (%d+)$')
local isLoss = generation ~= '' and (found ~= generation or tonumber(counted) < tonumber(count))
if not found or (isLoss and found == generation) then
  found, counted = ME .. ':' .. NOW, call('HGET', META, 'incarnation') or '0'
  call('HSET', STATE, '', found .. ' ' .. counted)
end
local expired = call('ZCOUNT', BEATS, '-inf', NOW)
return { NOW, state, FENCE, expired, soonest - NOW, call('SMEMBERS', HELD), found, counted, isLoss and 1 or 0 }
`,
);

/** The node that could cancel these runs is gone. */
const CANCELS = {
  source: String.raw`
local function forgetCancels(instance)
  local meta = call('HGETALL', META)
  for n = 1, #meta, 2 do
    if string.sub(meta[n], 1, 7) == 'cancel ' and string.match(meta[n + 1], '^%S+') == instance then call('HDEL', META, meta[n]) end
  end
end
`,
};

export const LEAVE = script(
  [CANCELS],
  `
forgetCancels(ME)
if isNoted() then
  call('HDEL', NODES, ME)
  call('ZREM', BEATS, ME)
end
call('HDEL', DESCRIBED, ME)
call('DEL', LEFT, HELD)
return NOW
`,
);

/** A run as those see it who take it from its node: with its job, if that is still the same. */
const SHOWN = {
  source: String.raw`
local function shown(runId, entry)
  local _, _, incarnation, jobId = ownerOf(entry)
  local isKnown = isCurrent(jobId, incarnation)
  return { runId, entry, call('HGET', RUNS, runId), isKnown and stateOf(jobId), isKnown and call('HGET', JOBS, jobId) }
end
`,
};

/**
 * Ends the leases that are over, for good: their nodes are not to renew them while their runs are taken. Shows those of a page
 * of runs that belong to no lease that holds, with their jobs; the instances whose leases are over; a cursor, and whether there
 * is more. Arguments: until when leases that are over are let be; cursor.
 */
export const ORPHANED_RUNS = script(
  [RUN_PARTS, SHOWN],
  String.raw`
local isPatient = tonumber(NOW) < tonumber(ARGV[5])
local expired = isPatient and {} or call('ZRANGEBYSCORE', BEATS, '-inf', NOW)
for _, instance in ipairs(expired) do
  local node = call('HGET', NODES, instance)
  if node then call('HSET', NODES, instance, (string.gsub(node, '^%S+', '-'))) end
end
local fences = {}
for _, instance in ipairs(call('ZRANGE', BEATS, 0, -1)) do
  local node = call('HGET', NODES, instance)
  if node then fences[instance] = string.match(node, '^%S+') end
end
local page = call('HSCAN', LIVE, ARGV[6], 'COUNT', 200)
local next, entries, found, bytes = page[1], page[2], {}, 0
for n = 1, #entries, 2 do
  local runId, entry = entries[n], entries[n + 1]
  local instance, fence = ownerOf(entry)
  if instance and instance ~= '-' and fences[instance] ~= fence then
    -- What has no room is found by the same cursor again: the others have been taken then.
    if bytes > PAGE_BYTES then
      return { NOW, found, expired, ARGV[6], 1 }
    end
    found[#found + 1] = shown(runId, entry)
    bytes = bytes + #(found[#found][3] or '')
  end
end
return { NOW, found, expired, next, next == '0' and 0 or 1 }
`,
);

/** Shows those of these runs that stand under this node's lease. Arguments: their ids. */
export const OWN_RUNS = script(
  [RUN_PARTS, SHOWN],
  String.raw`
local found = {}
for at = 5, #ARGV do
  local entry = call('HGET', LIVE, ARGV[at])
  local instance, fence = ownerOf(entry)
  if instance == ME and fence == FENCE then found[#found + 1] = shown(ARGV[at], entry)
  else call('SREM', HELD, ARGV[at]) end
end
return { NOW, found }
`,
);

/**
 * Takes such runs from the instances that had them. Arguments: limits of the history; then for each: id, its entry as shown,
 * row, when it is tried again, whether its outcome is unknown. A job that nothing is left of is paused then; else it goes. Answers which were taken, and the jobs paused.
 */
export const RECOVER_RUNS = script(
  ['BUSY', 'DROP', RUN_PARTS],
  String.raw`
local perJob, total, maxAge = unpack(ARGV, 5, 7)
local recovered, parked, wakes = {}, {}, false
local jobs = {}
for at = 8, #ARGV, 5 do
  local runId, shown, row, retryAt, isLost = unpack(ARGV, at, at + 4)
  local entry = call('HGET', LIVE, runId)
  if entry == shown then
    local instance, _, incarnation, jobId = ownerOf(entry)
    call('HDEL', LIVE, runId)
    if instance == ME then call('SREM', HELD, runId) end
    countBusy(incarnation, instance, -1)
    keepEnded(runId, row, jobId, incarnation, NOW)
    recovered[#recovered + 1] = runId
    if retryAt ~= '-' and addRetry(runId, retryAt, jobId, incarnation) then wakes = true end
    if isCurrent(jobId, incarnation) then jobs[jobId] = jobs[jobId] or isLost == '1' end
  end
end
flushBusy()
flush()
for jobId, isLost in pairs(jobs) do
  if hasEnded(jobId) and not isLost then
    dropJob(jobId)
  elseif hasEnded(jobId) then
    call('HSET', STATE, jobId, string.sub(stateOf(jobId), 1, -2) .. '1')
    parked[#parked + 1] = jobId
  end
end
trim(perJob, total, maxAge)
if wakes then tell(NOW) end
return { recovered, parked }
`,
);

/**
 * Leaves handed-over runs of such instances to whoever adopts them. Arguments, for each: id, its entry as shown, its executor.
 * A live run that no node watches has a - in place of its instance and its fence.
 */
export const LEAVE_RUNS = script(
  ['BUSY', RUN_PARTS],
  String.raw`
local left = 0
for at = 5, #ARGV, 3 do
  local runId, shown, executor = unpack(ARGV, at, at + 2)
  local entry = call('HGET', LIVE, runId)
  if entry == shown then
    local instance, _, incarnation, jobId = ownerOf(entry)
    if instance == ME then call('SREM', HELD, runId) end
    countBusy(incarnation, instance, -1)
    countBusy(incarnation, '-', 1)
    call('HSET', LIVE, runId, table.concat({ '-', '-', incarnation, jobId }, ' '))
    call('HSET', UNWATCHED, runId, executor)
    left = left + 1
  end
end
flushBusy()
flush()
return left
`,
);

/** Puts handed-over runs under this node's lease. */
const ADOPTION = {
  source: String.raw`
local adopted = {}
local function adopt(runId, entry)
  local instance, fence, incarnation, jobId = ownerOf(entry)
  if not instance or instance == ME and fence == FENCE then return end
  countBusy(incarnation, instance, -1)
  countBusy(incarnation, ME, 1)
  local mine = table.concat({ ME, FENCE, incarnation, jobId }, ' ')
  call('HSET', LIVE, runId, mine)
  call('HDEL', UNWATCHED, runId)
  if instance ~= '-' then call('SREM', string.sub(HELD, 1, -#ME - 1) .. instance, runId) end
  call('SADD', HELD, runId)
  adopted[#adopted + 1] = shown(runId, mine)
end
`,
};

/**
 * Adopts handed-over runs that no node watches, of a page of them. Arguments: cursor, how many at most, and the executors. Answers
 * the runs as they are shown to whoever takes them, and the cursor.
 */
export const ADOPT_UNWATCHED = script(
  ['BUSY', RUN_PARTS, SHOWN, ADOPTION],
  String.raw`
if not hasLease() then return 'stale' end
local cursor, limit = ARGV[5], tonumber(ARGV[6])
local wanted = {}
for at = 7, #ARGV do wanted[ARGV[at]] = true end
local page = call('HSCAN', UNWATCHED, cursor, 'COUNT', limit)
local found = page[2]
for n = 1, #found, 2 do
  local runId, executor = found[n], found[n + 1]
  local entry = call('HGET', LIVE, runId)
  if not entry or ownerOf(entry) ~= '-' then call('HDEL', UNWATCHED, runId)
  elseif wanted[executor] and #adopted < limit then adopt(runId, entry) end
end
flushBusy()
flush()
return { adopted, page[1] }
`,
);

/** Adopts a handed-over run, whoever watches it. Argument: its id. Answers as ADOPT_UNWATCHED. */
export const ADOPT_RUN = script(
  ['BUSY', RUN_PARTS, RUN_STATE, SHOWN, ADOPTION],
  String.raw`
if not hasLease() then return 'stale' end
local row, entry = call('HGET', RUNS, ARGV[5]), call('HGET', LIVE, ARGV[5])
if row and entry and runStateOf(row) == 'handed_over' then adopt(ARGV[5], entry) end
flushBusy()
flush()
return { adopted, '0' }
`,
);

/** Forgets instances whose leases are over still. */
export const FORGET_NODES = script(
  [CANCELS],
  `
for at = 5, #ARGV do
  local expiry = call('ZSCORE', BEATS, ARGV[at])
  if expiry and tonumber(expiry) <= tonumber(NOW) then
    call('ZREM', BEATS, ARGV[at])
    call('HDEL', NODES, ARGV[at])
    call('HDEL', DESCRIBED, ARGV[at])
    call('DEL', string.sub(HELD, 1, -#ME - 1) .. ARGV[at])
    forgetCancels(ARGV[at])
  end
end
return 1
`,
);
