import { script } from './script.js';

export const GET_CLUSTER = script([], `return clusterNow()`);

/** Tells all nodes what to do. Arguments: the mode, the name of this node, and the modes to change it from. Answers what holds then. */
export const TURN_CLUSTER = script(
  [],
  String.raw`
local cluster = clusterNow()
for at = 7, #ARGV do
  if ARGV[at] == modeOf(cluster) then
    if modeOf(cluster) == 'stopped' then call('DEL', STARTS) end
    local version = string.match(cluster, '^%a+ (%d+)')
    cluster = table.concat({ ARGV[5], string.format('%.0f', version + 1), NOW, ARGV[6] }, ' ')
    call('HSET', META, 'cluster', cluster)
    break
  end
end
tellOrders()
return cluster
`,
);

/** Claims the run of a job for the start of all nodes. Argument: its id. Answers 1 for the first claim, 0 otherwise. */
export const CLAIM_START = script(
  [],
  `
local state = stateOf(ARGV[5])
return state and call('SADD', STARTS, incarnationOf(state)) or 0
`,
);

/** Asks the node that has a run under way to cancel it: a field with whose run it is, until that node has seen it. */
export const REQUEST_CANCEL = script(
  [],
  String.raw`
local owner = string.match(call('HGET', LIVE, ARGV[5]) or '', '^%S+ %S+')
-- A handed-over run may be watched by none.
if not owner or owner == '- -' or owner == ME .. ' ' .. FENCE then return 0 end
call('HSET', META, 'cancel ' .. ARGV[5], owner)
tellOrders()
return 1
`,
);

/** What this node is to do: what all do, and the ids of runs to cancel, which are forgotten with that. */
export const SEE_ORDERS = script(
  [],
  String.raw`
local meta, asked = call('HGETALL', META), {}
for n = 1, #meta, 2 do
  local runId = string.match(meta[n], '^cancel (.+)')
  if runId and meta[n + 1] == ME .. ' ' .. FENCE then
    asked[#asked + 1] = runId
    call('HDEL', META, meta[n])
  end
end
return { clusterNow(), asked }
`,
);
