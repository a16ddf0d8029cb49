import { createHash } from 'node:crypto';
import { INDEX } from './index-part.js';

/** A Lua script. Redis runs it as one step: nothing else is seen or done meanwhile. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

/** The keys of a namespace. All share a hash tag, so a cluster keeps them together. Every script is given all of them. */
export const KEY_NAMES = [
  'jobs', // job id -> its definition, as JSON
  'state', // job id -> incarnation, revision, next fire time, its nominal time, paused; '' -> the mark: generation, count
  'due', // job ids by the time to look at them
  'busy', // incarnation -> how many runs which instances have under way
  'runs', // run id -> incarnation, flag, JSON, job id
  'live', // run id -> whose it is, of those that have not settled
  'ids', // run ids
  'ofJob', // job id and run id
  'ended', // run ids by their end
  'retries', // run ids by the time to look at them
  'retrying', // incarnation -> ids of its runs that are to be tried again
  'last', // job id -> the run begun last; with a - before it when it is kept for that alone
  'completed', // ids of declared jobs that have had their last time, by that time
  'starts', // incarnations of jobs that have run for the start of all nodes
  'nodes', // instance -> fence, or - when its lease was ended by another; length of its leases (ms); node name
  'beats', // instances by the end of their leases
  'meta', // counters; the version of all this
  'facts', // job id -> what it is found by: its edition, the key of its name, its tags, and the rest as JSON
  'byId', // job ids, in their order
  'byName', // key of the name and job id
  'byLast', // id of the run begun last, or nothing, and job id
  'untimed', // ids of jobs that have no time
  'tagged', // tag and job id
  'statistics', // span, start and series -> how many
  'audit', // entry id -> its JSON, job id, actor and action, separated by NUL
  'auditIds', // entry ids
  'auditBy', // j, a or x; job id, actor or action; NUL; entry id
  'described', // instance -> since when it has its lease, its skew (ms), what it says of itself
  'unwatched', // run id -> executor, of handed-over runs that no node watches
] as const;

/** Beside those, the keys of each instance: what it has left where it was, the jobs that it is about to add, and its runs that have not settled. */
export const INSTANCE_KEYS = ['left:', 'staged:', 'held:'] as const;

/** What all scripts begin with. */
const PRELUDE = String.raw`
local JOBS, STATE, DUE, BUSY, RUNS, LIVE, IDS, OFJOB, ENDED, RETRIES, RETRYING, LAST, COMPLETED, STARTS, NODES, BEATS, META, FACTS, BYID, BYNAME, BYLAST, UNTIMED, TAGGED, STATISTICS, AUDIT, AUDITIDS, AUDITBY, DESCRIBED, UNWATCHED, LEFT, STAGED, HELD = unpack(KEYS)
local call = redis.call
local ME, CHANNEL, FENCE = ARGV[2], ARGV[3], ARGV[4]
local NOW = ARGV[1]
if NOW == '' then
  local time = call('TIME')
  NOW = time[1] .. string.format('%03d', math.floor(tonumber(time[2]) / 1000))
end

-- unpack() has a limit, and one command for many members is far cheaper than many.
local CHUNK = 1000
-- How much of what may be large goes into one answer.
local PAGE_BYTES = 4000000

local function fetch(key, fields)
  local values = {}
  for first = 1, #fields, CHUNK do
    local part = call('HMGET', key, unpack(fields, first, math.min(first + CHUNK - 1, #fields)))
    for n = 1, #part do values[first + n - 1] = part[n] end
  end
  return values
end

local queue = {}
local function later(command, key, one, other)
  local keys = queue[command]
  if not keys then
    keys = {}
    queue[command] = keys
  end
  local args = keys[key]
  if not args then
    args = {}
    keys[key] = args
  end
  args[#args + 1] = one
  if other then args[#args + 1] = other end
end
local function flush()
  for command, keys in pairs(queue) do
    for key, args in pairs(keys) do
      for first = 1, #args, CHUNK do
        call(command, key, unpack(args, first, math.min(first + CHUNK - 1, #args)))
      end
    end
  end
  queue = {}
end

local function tell(at) call('PUBLISH', CHANNEL, 'wake ' .. at .. ' ' .. ME) end
local function tellOrders() call('PUBLISH', CHANNEL, 'look - ' .. ME) end

-- What all nodes are told to do: "mode version changed-at changed-by".
-- One that is damaged counts as none.
local function clusterNow()
  local cluster = call('HGET', META, 'cluster') or ''
  local mode = string.match(cluster, '^(%a+) %d+ %d+ .')
  return (mode == 'running' or mode == 'paused' or mode == 'stopped') and cluster or 'running 0 - -'
end
local function modeOf(cluster) return string.match(cluster, '^%a+') end

-- A job's state: "incarnation revision next nominal paused", with - for no time; after nominal, how many runs are left: /3.
-- One that is not so cannot be read: its job is left alone until it is removed.
local function isSound(state)
  return string.find(state, '^%d+ %d+ %-?%d+ %-?%d+/?%d* [01]$') or string.find(state, '^%d+ %d+ %- %-/?%d* [01]$')
end
local function incarnationOf(state) return string.match(state, '^%d+') or '-' end
local function nextOf(state)
  local next = string.match(state, '^%d+ %d+ (%S+)')
  if next ~= '-' then return next end
end
local function isPaused(state) return string.sub(state, -2) == ' 1' end
local function isOver(state) return string.sub(state, -6) == ' - - 0' end

local states = {}
local function stateOf(id)
  if states[id] == nil then states[id] = call('HGET', STATE, id) end
  return states[id]
end
local function loadStates(ids)
  local values = fetch(STATE, ids)
  for n, id in ipairs(ids) do states[id] = values[n] end
end

-- Whether nobody has ended this node's lease: one that is over is still there until somebody does.
local function isNoted()
  local node = call('HGET', NODES, ME)
  return node and string.match(node, '^%S+') == FENCE
end
local function hasLease()
  local expiry = call('ZSCORE', BEATS, ME)
  return expiry and tonumber(expiry) > tonumber(NOW) and isNoted()
end
`;

/** How many runs of a job each instance has under way: "instance=count;...". */
const BUSY = String.raw`
local busy, busyChanged = {}, {}
local function loadBusy(incarnations)
  local values = fetch(BUSY, incarnations)
  for n, incarnation in ipairs(incarnations) do busy[incarnation] = values[n] or '' end
end
local function busyOf(incarnation)
  if not busy[incarnation] then busy[incarnation] = call('HGET', BUSY, incarnation) or '' end
  return busy[incarnation]
end
local function countBusy(incarnation, instance, change)
  if incarnation == '0' then return end
  local found = false
  local text = string.gsub(busyOf(incarnation), '([^=;]+)=(%d+);', function(name, number)
    if name ~= instance then return nil end
    found = true
    if number + change <= 0 then return '' end
    return name .. '=' .. (number + change) .. ';'
  end)
  if not found and change > 0 then text = text .. instance .. '=' .. change .. ';' end
  busy[incarnation] = text
  busyChanged[incarnation] = true
end
local function totalBusy(incarnation, except)
  local sum = 0
  for name, number in string.gmatch(busyOf(incarnation), '([^=;]+)=(%d+);') do
    if name ~= except then sum = sum + number end
  end
  return sum
end
local function flushBusy()
  for incarnation in pairs(busyChanged) do
    if busy[incarnation] == '' then later('HDEL', BUSY, incarnation)
    else later('HSET', BUSY, incarnation, busy[incarnation]) end
  end
  busyChanged = {}
end
`;

/** Taking jobs out, with the retries that would be made of them. */
const DROP = String.raw`
${INDEX.source}
local function isLast(runId, jobId)
  local last = call('HGET', LAST, jobId)
  return last == runId or last == '-' .. runId
end
local lasts = {}
local function loadLast(jobIds)
  local values = fetch(LAST, jobIds)
  for n, jobId in ipairs(jobIds) do lasts[jobId] = values[n] end
end
local function forgetLast(jobId)
  if lasts[jobId] == nil then lasts[jobId] = call('HGET', LAST, jobId) end
  local runId = string.match(lasts[jobId] or '', '^%-(.+)')
  if runId and not call('ZSCORE', RETRIES, runId) then later('HDEL', RUNS, runId) end
end
local function dropJob(id)
  local state = stateOf(id) or (call('HEXISTS', JOBS, id) == 1 and '')
  if not state then return false end
  local incarnation = incarnationOf(state)
  local retrying = call('HGET', RETRYING, incarnation)
  if retrying then
    for runId in string.gmatch(retrying, '%S+') do
      call('ZREM', RETRIES, runId)
      local row = call('HGET', RUNS, runId)
      if not call('ZSCORE', IDS, runId) then call('HDEL', RUNS, runId)
      elseif row then call('HSET', RUNS, runId, (string.gsub(row, ' ', ' v', 1))) end
    end
    call('HDEL', RETRYING, incarnation)
  end
  call('HDEL', JOBS, id)
  call('HDEL', STATE, id)
  if call('ZREM', DUE, id) == 0 then call('ZREM', UNTIMED, id) end
  forgetLast(id)
  flush()
  call('ZREM', BYID, id)
  call('ZREM', BYLAST, lastMember(id, lasts[id]))
  unindexFacts(id)
  call('HDEL', LAST, id)
  states[id] = false
  return true
end
local function hasEnded(id)
  local state = stateOf(id)
  if not state or not isOver(state) then return false end
  local incarnation = incarnationOf(state)
  return totalBusy(incarnation) == 0 and call('HEXISTS', RETRYING, incarnation) == 0
end
`;

const PARTS = { BUSY, DROP };

/** Makes a script of its own lines and the parts that it needs. */
export function script(parts: readonly (keyof typeof PARTS | { readonly source: string })[], body: string): Script {
  const needed = parts.map((part) => (typeof part === 'string' ? PARTS[part] : part.source));
  const source = [PRELUDE, ...needed, body].join('');
  return { source, sha: createHash('sha1').update(source).digest('hex') };
}
