import { script } from './script.js';

/**
 * Adds to the statistics. Arguments: before which minutes are too old; then a field and a number for each cell. Answers whether
 * it is the first to say so of these minutes: then it is time to forget them.
 */
export const ADD_STATISTICS = script(
  [],
  `
for at = 6, #ARGV, 2 do call('HINCRBY', STATISTICS, ARGV[at], ARGV[at + 1]) end
if call('HGET', META, 'statistics') == ARGV[5] then return 0 end
call('HSET', META, 'statistics', ARGV[5])
return 1
`,
);

/** Forgets what is too old in a page of the statistics. Arguments: cursor; before which minutes and hours. Answers the next cursor. */
export const FORGET_STATISTICS = script(
  [],
  String.raw`
local page = call('HSCAN', STATISTICS, ARGV[5], 'COUNT', CHUNK)
local oldest = { minute = tonumber(ARGV[6]), hour = tonumber(ARGV[7]) }
for at = 1, #page[2], 2 do
  local span, start = string.match(page[2][at], '^(%a+) (%-?%d+) ')
  if not span or tonumber(start) < (oldest[span] or 0) then later('HDEL', STATISTICS, page[2][at]) end
end
flush()
return page[1]
`,
);

/**
 * A page of the statistics. Arguments: cursor, a span, and the start that is too early. Answers the next cursor; fields and
 * numbers, in turn. A field may come twice.
 */
export const GET_STATISTICS = script(
  [],
  String.raw`
local page = call('HSCAN', STATISTICS, ARGV[5], 'COUNT', CHUNK)
local span, before = ARGV[6], tonumber(ARGV[7])
local found = {}
for at = 1, #page[2], 2 do
  local its, start = string.match(page[2][at], '^(%a+) (%-?%d+) ')
  if its == span and tonumber(start) > before then
    found[#found + 1] = page[2][at]
    found[#found + 1] = page[2][at + 1]
  end
end
return { page[1], found }
`,
);
