/** The state, and when it ended, in the JSON of a run's row. */
export const RUN_STATE = {
  source: String.raw`
-- What users give to a run by hand stands before its state, and may look like one.
local function runStateOf(row)
  local _, at = string.find(row, '"given":', 1, true)
  if not at then return '' end
  if string.sub(row, at + 1, at + 4) == 'null' then
    return string.match(row, '"state":"([%a_]+)"', at) or '', string.match(row, '"finishedAt":(%d+)', at)
  end
  local isRead, run = pcall(cjson.decode, string.match(row, '{[^\n]*') or '')
  if not isRead or type(run) ~= 'table' or type(run.state) ~= 'string' then return '' end
  return run.state, type(run.finishedAt) == 'number' and string.format('%.0f', run.finishedAt) or nil
end
`,
};

/**
 * Keeping runs. A run's row is "incarnation flag+JSON\njob id"; the flag is 1 for one that was begun, 0 for one that was
 * not, x for one that was taken from its instance; after a v, its retryAt counts no more. A live run's entry is
 * "instance fence incarnation job id".
 */
export const RUN_PARTS = {
  source: String.raw`
local function memberOf(jobId, runId) return #jobId .. ':' .. jobId .. ':' .. runId end

local function index(runId, jobId)
  later('ZADD', IDS, '0', runId)
  later('ZADD', OFJOB, '0', memberOf(jobId, runId))
end
local function forget(runId, jobId)
  later('HDEL', RUNS, runId)
  later('ZREM', IDS, runId)
  later('ZREM', OFJOB, memberOf(jobId, runId))
  later('ZREM', ENDED, runId)
end

-- Of jobs of which runs were begun: the latest of these.
local begun = {}
local function begin(runId, row, jobId, incarnation)
  later('HSET', RUNS, runId, incarnation .. ' ' .. row)
  later('HSET', LIVE, runId, table.concat({ ME, FENCE, incarnation, jobId }, ' '))
  later('SADD', HELD, runId)
  index(runId, jobId)
  if incarnation == '0' then return end
  forgetLast(jobId)
  later('HSET', LAST, jobId, runId)
  begun[jobId] = runId
  countBusy(incarnation, ME, 1)
end
local function indexBegun()
  for jobId, runId in pairs(begun) do
    local before, now = lastMember(jobId, lasts[jobId]), lastMember(jobId, runId)
    if before ~= now then
      later('ZREM', BYLAST, before)
      later('ZADD', BYLAST, '0', now)
    end
    lasts[jobId] = runId
  end
  begun = {}
end

local function ownerOf(entry)
  if not entry then return end
  local instance, fence, incarnation, at = string.match(entry, '^(%S+) (%S+) (%S+) ()')
  if not at then return end
  return instance, fence, incarnation, string.sub(entry, at)
end
local function jobOf(row)
  local lineEnd = string.find(row, '\n', 1, true)
  return lineEnd and string.sub(row, lineEnd + 1) or ''
end
local function flagOf(row)
  local incarnation, flag = string.match(row, '^(%d+) v?(.)')
  return flag, incarnation
end

-- The run that was not begun after all gives its place back to the one before it.
local function unmark(runId, jobId, incarnation)
  local state = stateOf(jobId)
  if not state or incarnationOf(state) ~= incarnation or not isLast(runId, jobId) then return end
  local prefix, last = memberOf(jobId, ''), call('HGET', LAST, jobId)
  local offset = 0
  repeat
    local found = call('ZREVRANGEBYLEX', OFJOB, '(' .. prefix .. '\255', '[' .. prefix, 'LIMIT', offset, 100)
    for _, member in ipairs(found) do
      local other = string.sub(member, #prefix + 1)
      local row = other ~= runId and call('HGET', RUNS, other)
      if row then
        local flag, its = flagOf(row)
        if its == incarnation and (flag == '1' or flag == 'x') then
          call('HSET', LAST, jobId, other)
          moveLast(jobId, last, other)
          return
        end
      end
    end
    offset = offset + #found
  until #found < 100
  call('HDEL', LAST, jobId)
  moveLast(jobId, last)
end

local function isCurrent(jobId, incarnation)
  local state = stateOf(jobId)
  return state and incarnationOf(state) == incarnation
end

local function addRetry(runId, at, jobId, incarnation)
  if not isCurrent(jobId, incarnation) then return false end
  call('ZADD', RETRIES, at, runId)
  local retrying = call('HGET', RETRYING, incarnation)
  if not retrying then call('HSET', RETRYING, incarnation, runId)
  elseif not string.find(' ' .. retrying .. ' ', ' ' .. runId .. ' ', 1, true) then
    call('HSET', RETRYING, incarnation, retrying .. ' ' .. runId)
  end
  return true
end
local function dropRetry(runId, incarnation)
  call('ZREM', RETRIES, runId)
  local left = {}
  for other in string.gmatch(call('HGET', RETRYING, incarnation) or '', '%S+') do
    if other ~= runId then left[#left + 1] = other end
  end
  if #left == 0 then call('HDEL', RETRYING, incarnation)
  else call('HSET', RETRYING, incarnation, table.concat(left, ' ')) end
end

local ended, touched = 0, {}
local function keepEnded(runId, row, jobId, incarnation, finishedAt)
  later('HSET', RUNS, runId, incarnation .. ' ' .. row)
  later('ZADD', ENDED, finishedAt, runId)
  ended = ended + 1
  touched[jobId] = incarnation
end

-- What has begun, has ended or goes no more leaves the history by its limits: somewhat later than it might, in batches.
local function leave(runId, jobId, last, hasRetries)
  if not last and not (hasRetries and call('ZSCORE', RETRIES, runId)) then return forget(runId, jobId) end
  -- It is needed still, and found no more.
  later('ZREM', IDS, runId)
  later('ZREM', OFJOB, memberOf(jobId, runId))
  later('ZREM', ENDED, runId)
  if last then later('HSET', LAST, jobId, '-' .. runId) end
end
local function trimJob(jobId, incarnation, perJob)
  local prefix = memberOf(jobId, '')
  local from, to = '[' .. prefix, '(' .. prefix .. '\255'
  local keep = perJob + totalBusy(incarnation)
  local count = call('ZLEXCOUNT', OFJOB, from, to)
  local left = 0
  if count <= keep + math.floor(perJob / 10) then return left, false end
  for _, member in ipairs(call('ZRANGEBYLEX', OFJOB, from, to, 'LIMIT', 0, math.min(count - keep, CHUNK))) do
    local runId = string.sub(member, #prefix + 1)
    if call('HEXISTS', LIVE, runId) == 0 then
      leave(runId, jobId, isLast(runId, jobId), true)
      left = left + 1
    end
  end
  return left, left > 0 and count - keep > CHUNK
end
local function trimAll(ids)
  local rows = #ids > 0 and fetch(RUNS, ids) or {}
  local jobIds, found = {}, {}
  for n, runId in ipairs(ids) do
    if rows[n] then
      found[#found + 1] = runId
      jobIds[#jobIds + 1] = jobOf(rows[n])
    else later('ZREM', ENDED, runId) end
  end
  local lasts, hasRetries = fetch(LAST, jobIds), call('ZCARD', RETRIES) > 0
  for n, runId in ipairs(found) do
    leave(runId, jobIds[n], lasts[n] == runId or lasts[n] == '-' .. runId, hasRetries)
  end
  flush()
end
local function trim(perJob, total, maxAge)
  if ended == 0 then return end
  -- Not all jobs each time: counting costs more than what few records too many do.
  local stride, place = math.max(1, math.min(8, math.floor(perJob / 10))), tonumber(NOW)
  for jobId, incarnation in pairs(touched) do
    if place % stride == 0 then trimJob(jobId, incarnation, tonumber(perJob)) end
    place = place + 1
  end
  flush()
  local most = math.max(100, 2 * ended)
  local excess = call('ZCARD', ENDED) - total
  if excess > math.floor(total / 20) then trimAll(call('ZRANGE', ENDED, 0, math.min(excess, most) - 1)) end
  local oldest = string.format('(%.0f', NOW - maxAge)
  trimAll(call('ZRANGEBYSCORE', ENDED, '-inf', oldest, 'LIMIT', 0, most))
end
`,
};
