-- claim: KEYS[1] is the place; ARGV: known, lease, max_error_age, until. Times are in microseconds.
-- Tested step by step against ReferenceStore of edge-oauth-no-io.
local key = KEYS[1]
local known, lasts, max_error_age, till = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

-- A double is exact below 2^53, and so is the next number. Other values are none that a store wrote.
local function number_of(value)
  local number = tonumber(value)
  if number and number >= 0 and number < 9007199254740991 then return number end
end
-- A longer value is none that a store wrote, and would only fill the caller's memory.
local function is_response(value) return value and #value <= 262144 end
local function text(number) return string.format('%.0f', number) end

local state = redis.call('HMGET', key, 'number', 'expires', 'lease', 'began', 'ends')
local number, expires = number_of(state[1]), number_of(state[2])
local lease, began, ends = number_of(state[3]), number_of(state[4]), number_of(state[5])

if number and expires and number ~= known and now < expires then
  local entry = redis.call('HGET', key, 'entry')
  if is_response(entry) then return {text(now), 'entry', text(number), entry} end
end
if lease and began and ends and began <= now and now < ends then
  local error_response = redis.call('HGET', key, 'error')
  if not error_response then return {text(now), 'taken', text(lease), text(ends - now)} end
  if now - began < max_error_age and is_response(error_response) then
    return {text(now), 'taken', text(lease), text(ends - now), error_response}
  end
end
if now > till then return {text(now), 'late'} end

local next_number = math.max(now, (lease or 0) + 1, (number or 0) + 1)
redis.call('HSET', key, 'lease', text(next_number), 'began', text(now), 'ends', text(now + lasts))
redis.call('HDEL', key, 'error')
local keep = math.ceil(lasts / 1000) + 60000
if redis.call('PTTL', key) < keep then redis.call('PEXPIRE', key, text(keep)) end
return {text(now), 'lease', text(next_number)}
