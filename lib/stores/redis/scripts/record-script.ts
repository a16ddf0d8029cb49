import { RUN_PARTS, RUN_STATE } from './run-parts.js';
import { script } from './script.js';

/**
 * Keeps runs as they stand. Arguments: limits of the history; whether there is one that has just begun, which takes a lease.
 * Then for each run: id, job id, row, how it stands (live, end), whether it was here, when it is tried again, when it ended,
 * whether it was lost. Answers what was refused, and the jobs that went.
 */
export const RECORD_RUNS = script(
  ['BUSY', 'DROP', RUN_PARTS, RUN_STATE],
  String.raw`
local perJob, total, maxAge, begins = unpack(ARGV, 5, 8)
if begins == '1' and not hasLease() then return { 'stale' } end
local refused, removed, wakeAt = {}, {}, nil
local function wake(at)
  if not wakeAt or tonumber(at) < tonumber(wakeAt) then wakeAt = at end
end

local ids, jobIds = {}, {}
for place = 9, #ARGV, 8 do
  ids[#ids + 1] = ARGV[place]
  jobIds[#jobIds + 1] = ARGV[place + 1]
end
local entries, rows = fetch(LIVE, ids), fetch(RUNS, ids)
loadStates(jobIds)
local incarnations = {}
for n in ipairs(ids) do
  local _, _, incarnation = ownerOf(entries[n])
  if incarnation then incarnations[#incarnations + 1] = incarnation end
end
loadBusy(incarnations)

local settled, unbegun = {}, {}
local function settle(runId, jobId, row, retryAt, finishedAt, isLost, incarnation)
  if retryAt ~= '-' and not isCurrent(jobId, incarnation) then
    keepEnded(runId, 'v' .. row, jobId, incarnation, finishedAt)
  else keepEnded(runId, row, jobId, incarnation, finishedAt) end
  if string.sub(row, 1, 1) == '0' then unbegun[#unbegun + 1] = { runId, jobId, incarnation } end
  if retryAt ~= '-' then
    if addRetry(runId, retryAt, jobId, incarnation) then wake(retryAt) end
  elseif isLost == '0' and isCurrent(jobId, incarnation) then settled[#settled + 1] = jobId end
end

local at = 9
for n, runId in ipairs(ids) do
  local _, jobId, row, stands, isKnown, retryAt, finishedAt, isLost = unpack(ARGV, at, at + 7)
  at = at + 8
  local instance, fence, incarnation = ownerOf(entries[n])
  if instance then
    if instance ~= ME or fence ~= FENCE then refused[#refused + 1] = runId
    elseif stands == 'live' then later('HSET', RUNS, runId, incarnation .. ' ' .. row)
    else
      later('HDEL', LIVE, runId)
      later('SREM', HELD, runId)
      countBusy(incarnation, ME, -1)
      settle(runId, jobId, row, retryAt, finishedAt, isLost, incarnation)
    end
  elseif rows[n] then
    local flag, its = flagOf(rows[n])
    -- Another node has adopted it, and has recorded an outcome: what is recorded again has the same end.
    local isOther = false
    if flag == '1' and stands == 'end' then
      local was, endedAt = runStateOf(rows[n])
      isOther = was ~= runStateOf(row) or (was ~= 'lost' and endedAt ~= finishedAt)
    end
    if flag == 'x' or isOther then refused[#refused + 1] = runId
    elseif stands == 'end' then
      -- Its retry may have been made meanwhile.
      if retryAt ~= '-' and not call('ZSCORE', RETRIES, runId) then row = 'v' .. row end
      keepEnded(runId, row, jobId, its, finishedAt)
    end
  elseif isKnown == '1' then refused[#refused + 1] = runId
  else
    local state = stateOf(jobId)
    local its = state and incarnationOf(state) or '0'
    if stands == 'live' then begin(runId, row, jobId, its)
    else
      index(runId, jobId)
      settle(runId, jobId, row, retryAt, finishedAt, isLost, its)
    end
  end
end
for _, jobId in ipairs(settled) do
  if hasEnded(jobId) and dropJob(jobId) then removed[#removed + 1] = jobId end
end
flushBusy()
indexBegun()
flush()
for _, run in ipairs(unbegun) do unmark(unpack(run)) end
trim(perJob, total, maxAge)
if wakeAt then tell(wakeAt) end
return { refused, removed }
`,
);

/**
 * Removes a run that has settled. Argument: its id. Answers the jobs that went since they had nothing else left; `none` when
 * there is no such run, `live` when it is under way. The job of a row that is damaged may not be known.
 */
export const REMOVE_RUN = script(
  ['BUSY', 'DROP', RUN_PARTS],
  String.raw`
local runId = ARGV[5]
local row = call('HGET', RUNS, runId)
if not row then return 'none' end
if call('HEXISTS', LIVE, runId) == 1 then return 'live' end
local jobId = jobOf(row)
local state = stateOf(jobId)
if state then
  dropRetry(runId, incarnationOf(state))
  unmark(runId, jobId, incarnationOf(state))
end
call('ZREM', RETRIES, runId)
forget(runId, jobId)
flush()
if state and hasEnded(jobId) and dropJob(jobId) then return { jobId } end
return {}
`,
);

/**
 * A page of runs by id, the latest first: ids, rows, whether there may be more. Arguments: where to begin, how many at most,
 * and the beginning of a job's members or nothing.
 */
export const PAGE_RUNS = script(
  [],
  String.raw`
local before, limit, prefix = unpack(ARGV, 5, 7)
local ids = {}
if prefix == '' then
  ids = call('ZREVRANGEBYLEX', IDS, before == '' and '+' or '(' .. before, '-', 'LIMIT', 0, limit)
else
  local to = before == '' and '\255' or before
  local found = call('ZREVRANGEBYLEX', OFJOB, '(' .. prefix .. to, '[' .. prefix, 'LIMIT', 0, limit)
  for n, member in ipairs(found) do ids[n] = string.sub(member, #prefix + 1) end
end
local rows, bytes, isMore = {}, 0, #ids == tonumber(limit) and 1 or 0
for n, runId in ipairs(ids) do
  if bytes > PAGE_BYTES then
    for left = n, #ids do ids[left] = nil end
    isMore = 1
    break
  end
  rows[n] = call('HGET', RUNS, runId)
  bytes = bytes + #(rows[n] or '')
end
return { ids, rows, isMore }
`,
);

export const GET_RUN = script([], `return call('HGET', RUNS, ARGV[5])`);

/** Answers the rows of the runs begun last of these jobs, in their order: of as many as fit into an answer, of one at least. */
export const LAST_RUNS = script(
  [],
  `
local jobIds, rows = {}, {}
for at = 5, #ARGV do jobIds[#jobIds + 1] = ARGV[at] end
local bytes = 0
for n, last in ipairs(fetch(LAST, jobIds)) do
  if bytes > PAGE_BYTES then break end
  rows[n] = last and call('HGET', RUNS, (string.gsub(last, '^-', '')))
  bytes = bytes + #(rows[n] or '')
end
return rows
`,
);
