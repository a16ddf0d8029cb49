import { COMPLETED_JOBS } from '../../../engine/stores/completion-time.js';
import { RUN_PARTS } from './run-parts.js';
import { script } from './script.js';

/** How many jobs of other nodes' executors one look passes over. */
export const OTHERS_AT_ONCE = 500;

/**
 * When the next job or retry is to be looked at. What this instance has left, and has not changed since, does not count:
 * its key says by which state it was left. Where it has left very many, it passes over all up to a place in the order.
 * Arguments: time and id of that place among jobs, and among retries; nothing where there is none.
 */
const NEXT_DUE = {
  source: String.raw`
local LOOK = 500

local function jobsAt(offset, count)
  local found = call('ZRANGE', DUE, offset, offset + count - 1, 'WITHSCORES')
  local ids, times, fields = {}, {}, {}
  for n = 1, #found, 2 do
    ids[#ids + 1], times[#times + 1], fields[#fields + 1] = found[n], found[n + 1], 'j' .. found[n]
  end
  return ids, times, fetch(STATE, ids), fetch(LEFT, fields)
end
local function retriesAt(offset, count)
  local found = call('ZRANGE', RETRIES, offset, offset + count - 1, 'WITHSCORES')
  local ids, times, fields = {}, {}, {}
  for n = 1, #found, 2 do
    ids[#ids + 1], times[#times + 1], fields[#fields + 1] = found[n], found[n + 1], 'r' .. found[n]
  end
  local rows, found = fetch(RUNS, ids), {}
  for n in ipairs(ids) do found[n] = rows[n] and stateOf(jobOf(rows[n])) or false end
  return ids, times, found, fetch(LEFT, fields), rows
end

-- Where to go on after a place.
local function rankAfter(key, time, id)
  if time == '' then return 0 end
  local score = call('ZSCORE', key, id)
  if score and tonumber(score) == tonumber(time) then return call('ZRANK', key, id) + 1 end
  return call('ZCOUNT', key, '-inf', '(' .. time)
end

-- Calls use(id, state, time, row) for what is due and not left, until it answers true; answers when the next is due.
local function walk(at, use)
  local offset, count = at == jobsAt and rankAfter(DUE, ARGV[5], ARGV[6]) or rankAfter(RETRIES, ARGV[7], ARGV[8]), 1
  repeat
    local ids, times, found, left, rows = at(offset, count)
    for n, id in ipairs(ids) do
      local isKnown = not found[n] or isSound(found[n])
      if isKnown and (not found[n] or found[n] ~= left[n]) then
        if tonumber(times[n]) > tonumber(NOW) or use(id, found[n], times[n], rows and rows[n]) then return times[n] end
      end
    end
    offset = offset + #ids
    local wanted = count
    count = LOOK
  until #ids < wanted
end
local function nextDue()
  local always = function() return true end
  local job, retry = walk(jobsAt, always), walk(retriesAt, always)
  if job and retry then return tonumber(job) < tonumber(retry) and job or retry end
  return job or retry or false
end
`,
};

/**
 * Shows due jobs and retries, and keeps them from other nodes for a moment: they are looked at again after it, whatever
 * becomes of who was shown them. Arguments: the places; how many jobs and retries, for how long (ms),
 * whether to forget what was left; then, where not all executors are wanted, what the definitions of jobs with one of the others lack.
 * Jobs of others are not shown, nor kept from anybody: they are left here until they change. How many those are is answered, and the
 * place of the last of them.
 */
export const PEEK_DUE = script(
  ['BUSY', 'DROP', RUN_PARTS, NEXT_DUE],
  String.raw`
local limit, retryLimit, hold, forgets = unpack(ARGV, 9, 12)
if not hasLease() then return { NOW, 'stale' } end
local cluster = clusterNow()
if modeOf(cluster) ~= 'running' then return { NOW, 'held', cluster } end
if forgets == '1' then call('DEL', LEFT) end
limit, retryLimit = tonumber(limit), tonumber(retryLimit)
local others, othersTime, othersId = 0, '', ''
local function isOthers(id)
  local definition = #ARGV > 12 and call('HGET', JOBS, id)
  if not definition then return false end
  for at = 13, #ARGV do
    if string.find(definition, ARGV[at], 1, true) then return false end
  end
  return true
end
local ids, found, incarnations, lost = {}, {}, {}, {}
walk(jobsAt, function(id, state, time)
  if #ids == limit or others == ${OTHERS_AT_ONCE} then return true end
  if not state then
    lost[#lost + 1] = id
    return
  end
  if isOthers(id) then
    others, othersTime, othersId = others + 1, time, id
    later('HSET', LEFT, 'j' .. id, state)
    return
  end
  ids[#ids + 1], found[#found + 1], incarnations[#incarnations + 1] = id, state, incarnationOf(state)
end)
loadBusy(incarnations)
local till = string.format('%.0f', NOW + hold)
-- Where nobody else is, there is nobody to keep it from, and nothing to write.
local isAlone = call('ZCARD', BEATS) < 2
local elsewhere, retries = {}, {}
for n, id in ipairs(ids) do
  elsewhere[n] = totalBusy(incarnations[n], ME)
  if not isAlone then later('ZADD', DUE, till, id) end
end
for _, id in ipairs(lost) do
  later('ZREM', DUE, id)
  -- One that is damaged is to be found still.
  if call('HEXISTS', JOBS, id) == 1 then later('ZADD', UNTIMED, '0', id) end
end
local bytes = 0
walk(retriesAt, function(runId, state, time, row)
  if #retries == retryLimit or bytes > PAGE_BYTES then return true end
  bytes = bytes + #(row or '')
  local flag, incarnation
  if row then flag, incarnation = flagOf(row) end
  if not state or incarnationOf(state) ~= incarnation then
    later('ZREM', RETRIES, runId)
    return
  end
  retries[#retries + 1] = { runId, row, jobOf(row), state, time, totalBusy(incarnation, ME) }
  if not isAlone then later('ZADD', RETRIES, till, runId) end
end)
flush()
if others > 0 then call('PEXPIRE', LEFT, 60000) end
return { NOW, 'ok', nextDue(), ids, found, elsewhere, retries, others, othersTime, othersId }
`,
);

/**
 * Moves on jobs that still are as they were shown, and records their runs, in one step. Other nodes must not have begun
 * more runs of them since. Arguments: the places; limits of the history. How many jobs, and for each: id, state as shown, state to be,
 * time to look at it, how many runs others had under way as it was shown, the last time of a declared job or -,
 * how many runs and records of runs left out, and those: id, row; id, row, end. How many retries, and for each: id of the
 * failed run, its row to be, job id, state as shown, how many runs others had under way, new id, new row. Then what is left, and after a u what there was no room
 * for: its name among those left, its state as shown, when it is due. Answers of each job 0 when nothing was done, 1 when all was, 2 when the job was removed with that,
 * for nothing of it was left.
 */
export const COMMIT_DUE = script(
  ['BUSY', 'DROP', RUN_PARTS, NEXT_DUE],
  String.raw`
local perJob, total, maxAge, jobs = unpack(ARGV, 9, 12)
local at = 13
local function take()
  at = at + 1
  return ARGV[at - 1]
end
if not hasLease() then return { NOW, 'stale' } end

local plans, ids, incarnations = {}, {}, {}
for n = 1, tonumber(jobs) do
  local plan = { id = take(), shown = take(), state = take(), time = take(), elsewhere = tonumber(take()), last = take(), runs = {}, leftOut = {} }
  local runs, leftOut = tonumber(take()), tonumber(take())
  for _ = 1, runs do plan.runs[#plan.runs + 1] = { take(), take() } end
  for _ = 1, leftOut do plan.leftOut[#plan.leftOut + 1] = { take(), take(), take() } end
  plan.incarnation = incarnationOf(plan.shown)
  plans[n], ids[n], incarnations[n] = plan, plan.id, plan.incarnation
end
loadStates(ids)
loadBusy(incarnations)
loadLast(ids)
local mayTake = modeOf(clusterNow()) == 'running'
local function hasGrown(incarnation, elsewhere) return totalBusy(incarnation, ME) > elsewhere end
local taken = {}
for n, plan in ipairs(plans) do
  local id = plan.id
  if states[id] ~= plan.shown then taken[n] = 0
  elseif not mayTake or hasGrown(plan.incarnation, plan.elsewhere) then
    taken[n] = 0
    later('ZADD', DUE, nextOf(plan.shown), id)
  else
    taken[n] = 1
    states[id] = plan.state
    later('HSET', STATE, id, plan.state)
    if plan.time == '-' then
      later('ZREM', DUE, id)
      later('ZADD', UNTIMED, '0', id)
    else later('ZADD', DUE, plan.time, id) end
    if plan.last ~= '-' then later('ZADD', COMPLETED, plan.last, id) end
    for _, run in ipairs(plan.runs) do begin(run[1], run[2], id, plan.incarnation) end
    for _, run in ipairs(plan.leftOut) do
      index(run[1], id)
      keepEnded(run[1], run[2], id, plan.incarnation, run[3])
    end
  end
end

local retried = {}
for n = 1, tonumber(take()) do
  local failedId, failedRow, jobId, shown, elsewhere, runId, row = take(), take(), take(), take(), tonumber(take()), take(), take()
  local incarnation = incarnationOf(shown)
  local state = stateOf(jobId)
  local isSame = state and incarnationOf(state) == incarnation and not isPaused(state)
  if not mayTake or not isSame or not call('ZSCORE', RETRIES, failedId) then retried[n] = 0
  elseif hasGrown(incarnation, elsewhere) then
    retried[n] = 0
    call('ZADD', RETRIES, NOW, failedId)
  else
    retried[n] = 1
    dropRetry(failedId, incarnation)
    if call('ZSCORE', IDS, failedId) then later('HSET', RUNS, failedId, incarnation .. ' ' .. failedRow)
    else later('HDEL', RUNS, failedId) end
    begin(runId, row, jobId, incarnation)
  end
end
flushBusy()
indexBegun()
flush()
call('ZREMRANGEBYRANK', COMPLETED, 0, -${COMPLETED_JOBS + 1})
for n, plan in ipairs(plans) do
  if taken[n] == 1 and #plan.runs == 0 and hasEnded(plan.id) and dropJob(plan.id) then taken[n] = 2 end
end

local isLeft = false
while at <= #ARGV do
  local name, shown, time = take(), take(), take()
  local kind, key, id = string.sub(name, 1, 1), DUE, string.sub(name, 2)
  if kind == 'r' then key = RETRIES end
  if kind ~= 'u' then later('HSET', LEFT, name, shown) end
  if key == RETRIES or stateOf(id) == shown then
    if call('ZSCORE', key, id) then later('ZADD', key, time, id) end
    isLeft = isLeft or kind ~= 'u'
  end
end
flush()
if isLeft then
  call('PEXPIRE', LEFT, 60000)
  -- Another node may be able to run it.
  tell(NOW)
end
trim(perJob, total, maxAge)
return { NOW, 'ok', nextDue(), taken, retried }
`,
);
