/**
 * The countings of this folder once more, as one atomic step in Redis each. `now` is the caller's clock, or Redis' own, so
 * that processes whose clocks differ count alike. A key outlives what it counts by a minute: nothing is forgotten early.
 */
const head = `local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local isRefund = ARGV[2] == 'refund'
local cost = tonumber(ARGV[3])
local key = KEYS[1]
local function answer(fits, left, resetMs, retryMs)
  return { fits and 1 or 0, math.floor(left), math.ceil(resetMs), fits and 0 or math.max(1, math.ceil(retryMs)) }
end
`;

/** ARGV: now, take or refund, cost, limit, windowMs. */
const fixed = `${head}
local limit, window = tonumber(ARGV[4]), tonumber(ARGV[5])
local index = math.floor(now / window)
local state = redis.call('HMGET', key, 'index', 'count')
local isOpen = tonumber(state[1]) == index
local count = isOpen and tonumber(state[2]) or 0
if isRefund then
  if isOpen then redis.call('HSET', key, 'count', math.max(0, count - cost)) end
  return
end
local fits = count + cost <= limit
if fits then
  count = count + cost
  redis.call('HSET', key, 'index', index, 'count', count)
  redis.call('PEXPIRE', key, window + 60000)
end
local resetMs = (index + 1) * window - now
return answer(fits, limit - count, resetMs, resetMs)`;

/** ARGV as of the fixed one. A field per slice; 20 slices a window, and the one that is half out of it counts in full. */
const sliding = `${head}
local limit, window = tonumber(ARGV[4]), tonumber(ARGV[5])
local slice = window / 20
local newest = math.floor(now / slice)
local fields = redis.call('HGETALL', key)
local counts, sum = {}, 0
for i = 1, #fields, 2 do
  local index, count = tonumber(fields[i]), tonumber(fields[i + 1])
  if index > newest or index < newest - 20 then
    redis.call('HDEL', key, fields[i])
  else
    counts[index] = count
    sum = sum + count
  end
end
if isRefund then
  for index = newest, newest - 20, -1 do
    local given = math.min(cost, counts[index] or 0)
    if given > 0 then redis.call('HINCRBY', key, string.format('%d', index), -given) end
    cost = cost - given
  end
  return
end
local function msUntilFree(wanted)
  local excess = sum + wanted - limit
  if excess <= 0 then return 0 end
  for index = newest - 20, newest do
    excess = excess - (counts[index] or 0)
    if excess <= 0 then return math.ceil((index + 21) * slice - now) end
  end
  return window
end
local left = limit - sum
local fits = cost <= left
if fits then
  redis.call('HINCRBY', key, string.format('%d', newest), cost)
  redis.call('PEXPIRE', key, math.ceil(window * 1.05) + 60000)
  counts[newest] = (counts[newest] or 0) + cost
  sum = sum + cost
  left = left - cost
end
return answer(fits, left, msUntilFree(limit), msUntilFree(cost))`;

/** ARGV: now, take or refund, cost, burst, perSecond. */
const bucket = `${head}
local burst, rate = tonumber(ARGV[4]), tonumber(ARGV[5])
local state = redis.call('HMGET', key, 'tokens', 'at')
local tokens = tonumber(state[1]) or burst
local passed = math.max(0, now - (tonumber(state[2]) or now))
tokens = math.min(burst, tokens + passed / 1000 * rate)
local fits = tokens + 1e-9 >= cost
if isRefund then
  tokens = math.min(burst, tokens + cost)
elseif fits then
  tokens = math.max(0, tokens - cost)
end
redis.call('HSET', key, 'tokens', string.format('%.17g', tokens), 'at', string.format('%d', now))
redis.call('PEXPIRE', key, math.ceil(burst / rate * 1000) + 60000)
if isRefund then return end
local function msFor(wanted) return math.ceil(math.max(0, wanted - 1e-9) / rate * 1000) end
return answer(fits, tokens + 1e-9, msFor(burst - tokens), msFor(cost - tokens))`;

export const limitScripts = { fixed, sliding, bucket };
