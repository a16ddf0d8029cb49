import { RUN_PARTS } from './run-parts.js';
import { script } from './script.js';

/**
 * Prunes what some jobs have too many of, job by job in the order of their members. Arguments: how many runs a job may have,
 * and the member to go on after. Answers the one to go on after next; nothing when all jobs have been looked at.
 */
export const PRUNE_JOBS = script(
  ['BUSY', 'DROP', RUN_PARTS],
  String.raw`
local perJob, cursor = tonumber(ARGV[5]), ARGV[6]
local jobs, gone = 0, 0
while jobs < 100 and gone < CHUNK do
  local from = cursor == '' and '-' or '(' .. cursor
  local member = call('ZRANGEBYLEX', OFJOB, from, '+', 'LIMIT', 0, 1)[1]
  if not member then return '' end
  local length, at = string.match(member, '^(%d+):()')
  local jobId = string.sub(member, at, at + length - 1)
  local state = stateOf(jobId)
  local left, isMore = trimJob(jobId, state and incarnationOf(state) or '0', perJob)
  flush()
  jobs, gone = jobs + 1, gone + left
  if not isMore then cursor = memberOf(jobId, '') .. '\255' end
end
return cursor
`,
);

/** Prunes some runs beyond a number of runs, or that are too old. Arguments: how many, for how long (ms). Answers how many went. */
export const PRUNE_OLDEST = script(
  ['BUSY', 'DROP', RUN_PARTS],
  String.raw`
local total, maxAge = tonumber(ARGV[5]), ARGV[6]
local excess = math.min(call('ZCARD', ENDED) - total, CHUNK / 2)
local many = excess > 0 and call('ZRANGE', ENDED, 0, excess - 1) or {}
trimAll(many)
local old = call('ZRANGEBYSCORE', ENDED, '-inf', string.format('(%.0f', NOW - maxAge), 'LIMIT', 0, CHUNK / 2)
trimAll(old)
return #many + #old
`,
);

/**
 * Weighs some of the runs that have ended, the latest first, without what every row has. Arguments: how many to pass over,
 * what they may weigh. Answers how many of them do not exceed it, and what is left of it: less than nothing when it is exceeded.
 */
export const WEIGH_RUNS = script(
  [],
  String.raw`
local offset, left = tonumber(ARGV[5]), tonumber(ARGV[6])
local ids = call('ZREVRANGE', ENDED, offset, offset + CHUNK / 2 - 1)
for n, runId in ipairs(ids) do
  left = left - math.max(0, call('HSTRLEN', RUNS, runId) - 700)
  if left < 0 then return { n - 1, '-1' } end
end
return { #ids, string.format('%.0f', left) }
`,
);
