import { script } from './script.js';

/**
 * Adds to the statistics, and forgets what is too old when something is later than before. Arguments: before which minutes and
 * hours are too old; then a field and a number for each cell.
 */
export const ADD_STATISTICS = script(
  [],
  String.raw`
local isNew = false
for at = 7, #ARGV, 2 do
  local field, number = ARGV[at], tonumber(ARGV[at + 1])
  if call('HINCRBY', STATISTICS, field, number) == number then isNew = true end
end
if not isNew then return end
local oldest = { minute = tonumber(ARGV[5]), hour = tonumber(ARGV[6]) }
local old = {}
for _, field in ipairs(call('HKEYS', STATISTICS)) do
  local span, start = string.match(field, '^(%a+) (%d+) ')
  if not span or tonumber(start) < (oldest[span] or 0) then old[#old + 1] = field end
end
for first = 1, #old, CHUNK do
  call('HDEL', STATISTICS, unpack(old, first, math.min(first + CHUNK - 1, #old)))
end
`,
);

/** Arguments: a span, and the start that is too early. Answers fields and numbers, in turn. */
export const GET_STATISTICS = script(
  [],
  String.raw`
local span, before = ARGV[5], tonumber(ARGV[6])
local found = {}
local all = call('HGETALL', STATISTICS)
for at = 1, #all, 2 do
  local its, start = string.match(all[at], '^(%a+) (%-?%d+) ')
  if its == span and tonumber(start) > before then
    found[#found + 1] = all[at]
    found[#found + 1] = all[at + 1]
  end
end
return found
`,
);
