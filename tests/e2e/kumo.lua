--[[ A stand-in for KumoMTA: what the recipe calls, with what KumoMTA would make of it. Arguments: the recipe's directory, the
URL of Waxwing, domains. For each domain one line: how mail to it is sent. ]]

local json = require 'dkjson'

local function check(value, kind, what)
  assert(type(value) == kind, what .. ' is a ' .. type(value))
  return value
end

local function lines(command)
  local found = {}
  local pipe = io.popen(command)
  for line in pipe:lines() do
    table.insert(found, line)
  end
  pipe:close()
  return found
end

local events = {}
local kumo = { http = {}, dns = {}, serde = {} }
package.preload.kumo = function()
  return kumo
end

function kumo.on(event, handler)
  assert(not events[event], event .. ' is there already')
  events[event] = check(handler, 'function', 'handler')
end

function kumo.log_warn(...)
  io.stderr:write(table.concat({ 'warning', ... }, ' ', 1, select('#', ...) + 1) .. '\n')
end

function kumo.reject(code, text)
  error(check(code, 'number', 'code') .. ' ' .. check(text, 'string', 'text'), 0)
end

function kumo.serde.json_parse(text)
  return assert(json.decode(check(text, 'string', 'JSON'))) -- null is nil, as KumoMTA makes it
end

function kumo.http.build_client(params)
  check(params, 'table', 'parameters')
  local client, request = {}, {}
  function client:get(url)
    assert(self == client)
    request.url = check(url, 'string', 'URL')
    return request
  end
  function request:timeout(duration)
    assert(self == request and duration:match '^%d+ seconds$')
    return request
  end
  function request:send()
    local text = lines("curl -s -w '\\n%{http_code}' '" .. self.url .. "'")
    local status = tonumber(table.remove(text))
    if status == 0 then
      error('error sending request for url (' .. self.url .. ')')
    end
    return {
      status_code = function()
        return status
      end,
      text = function()
        return table.concat(text, '\n')
      end,
    }
  end
  return client
end

function kumo.dns.lookup_mx(domain)
  local records = lines('dig +short mx ' .. check(domain, 'string', 'domain'))
  table.sort(records, function(a, b)
    return tonumber(a:match '^%d+') < tonumber(b:match '^%d+')
  end)
  for i, record in ipairs(records) do
    records[i] = record:match '^%d+ (.*)$'
  end
  return { hosts = #records > 0 and records or { domain .. '.' } }
end

function kumo.dns.lookup_addr(name)
  assert(not name:match ':', 'a port in a name')
  local found = lines('dig +short a ' .. name .. '; dig +short aaaa ' .. name)
  assert(#found > 0, name .. ' has no address')
  return found
end

package.path = arg[1] .. '/?.lua;' .. package.path
local waxwing = require 'waxwing'
waxwing.url = arg[2]

local function tried(queue)
  if queue.protocol and queue.protocol.custom_lua then
    local connection = events[queue.protocol.custom_lua.constructor]('domain', nil, nil)
    local sent, reason = pcall(connection.send, connection, {})
    assert(not sent)
    return 'deferred: ' .. reason
  end
  local list = queue.protocol and check(queue.protocol.smtp.mx_list, 'table', 'mx_list')
  local site = list and 'mx_list:' .. table.concat(list, ',') or '(mx1|mx2).example.com'
  local path = waxwing.path(site, { connection_limit = 10 })
  assert(path.connection_limit == 10 and path.enable_mta_sts == false and path.enable_dane == false)
  return path.enable_tls .. ': ' .. (list and table.concat(list, ' ') or 'any')
end

for i = 3, #arg do
  local queue = waxwing.queue(arg[i], { max_age = '1 day' })
  assert(queue.max_age == '1 day')
  print(arg[i] .. ' ' .. tried(queue))
end
