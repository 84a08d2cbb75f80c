-- finish: KEYS[1] is the place; ARGV: number, share (token, error or nothing), response, its time. Times are in
-- microseconds. Tested step by step against ReferenceStore of edge-oauth-no-io.
local key = KEYS[1]
local finished, share, response, lasts = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])

-- A double is exact below 2^53, and so is the next number. Other values are none that a store wrote.
local function number_of(value)
  local number = tonumber(value)
  if number and number >= 0 and number < 9007199254740991 then return number end
end
local function text(number) return string.format('%.0f', number) end

local state = redis.call('HMGET', key, 'number', 'lease', 'began', 'ends')
local number = number_of(state[1])
local lease = number_of(state[2])
if not (number_of(state[3]) and number_of(state[4])) then lease = nil end

local accepted = '0'
if share == 'token' and (not number or finished > number) then
  redis.call('HSET', key, 'number', text(finished), 'entry', response, 'expires', text(now + lasts))
  accepted = '1'
end
if not lease or finished >= lease then
  -- Without an error response the lease ends now, so an older one is not seen any more.
  local hold = 0
  if share == 'error' then
    hold = lasts
    redis.call('HSET', key, 'error', response)
  end
  redis.call('HSET', key, 'lease', text(finished), 'began', text(now), 'ends', text(now + hold))
end
-- The key outlives the lease by a minute, so that its number fences late holders.
local keep = 60000
if share ~= 'nothing' then keep = math.ceil(lasts / 1000) + 60000 end
if redis.call('PTTL', key) < keep then redis.call('PEXPIRE', key, text(keep)) end
return {text(now), accepted}
