-- wrk's requests: one of 100,000 keys at random, each request made ready before the clock starts.
-- The method is the script's first argument, and the second says what keys and values are: strings (k77, 16 bytes),
-- which they also are when it is left out, or integers: wrk … -s one-key.lua URL -- PUT int

local keys = 100000
local requests = {}
local random = math.random

function init(args)
   local method = args[1] or "GET"
   local prefix, value = "k", "0123456789abcdef"
   if args[2] == "int" then prefix, value = "", "1234567890" end
   local body = method == "PUT" and value or nil
   for i = 1, keys do
      requests[i] = wrk.format(method, "/map/keys/" .. prefix .. (i - 1), nil, body)
   end
   math.randomseed(os.time())
end

function request()
   return requests[random(keys)]
end

-- One line that a program can read.
function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format("husk-bench requests=%d microseconds=%d p99=%d errors=%d\n", summary.requests, summary.duration,
      latency:percentile(99), errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
