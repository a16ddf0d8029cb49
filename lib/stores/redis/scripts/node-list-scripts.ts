import { script } from './script.js';

/**
 * Keeps what this node says of itself, while it has its lease. Forgets that of nodes that have none: an earlier release, which does
 * not know of it, has ended these. Arguments: since when it has its lease, its skew and the text.
 */
export const DESCRIBE = script(
  [],
  `
if not isNoted() then return 0 end
call('HSET', DESCRIBED, ME, ARGV[5])
for _, instance in ipairs(call('HKEYS', DESCRIBED)) do
  if not call('ZSCORE', BEATS, instance) then call('HDEL', DESCRIBED, instance) end
end
return 1
`,
);

/**
 * Shows the nodes whose leases others have not ended: instance, end of the lease, record, description, and how many runs it has not
 * settled. Arguments: instances; all, without any. Answers those for which there was no room, too.
 */
export const SHOW_NODES = script(
  [],
  String.raw`
local asked = {}
for at = 5, #ARGV do asked[#asked + 1] = ARGV[at] end
if #asked == 0 then asked = call('ZRANGE', BEATS, 0, -1) end
local found, left, bytes = {}, {}, 0
local prefix = string.sub(HELD, 1, -#ME - 1)
for _, instance in ipairs(asked) do
  local expiry, node = call('ZSCORE', BEATS, instance), call('HGET', NODES, instance) or ''
  if bytes > PAGE_BYTES then
    left[#left + 1] = instance
  elseif expiry and string.match(node, '^%S+') ~= '-' then
    local description = call('HGET', DESCRIBED, instance) or ''
    bytes = bytes + #description
    -- One that is no set answers an error, which must not hide the other nodes.
    local runs = redis.pcall('SCARD', prefix .. instance)
    found[#found + 1] = { instance, expiry, node, description, type(runs) == 'number' and runs or 0 }
  end
end
return { NOW, found, left }
`,
);
