--[[
TLS policies from Waxwing for KumoMTA: docs/api.md says how to set it up, and what it can and cannot do.

Put this file into /opt/kumomta/etc/policy, and into init.lua:

    local waxwing = require 'waxwing'

    kumo.on('get_queue_config', function(domain, tenant, campaign, routing_domain)
      return kumo.make_queue_config(waxwing.queue(routing_domain or domain, {
        -- what the queue has otherwise
      }))
    end)

    kumo.on('get_egress_path_config', function(routing_domain, egress_source, site_name)
      return kumo.make_egress_path(waxwing.path(site_name, {
        -- what the path has otherwise
      }))
    end)
]]

local kumo = require 'kumo'

local M = {
  url = 'http://127.0.0.1:8463',
  timeout = '10 seconds', -- more than Waxwing's answer_deadline
}

local client = nil

local function ask(domain)
  client = client or kumo.http.build_client { user_agent = 'kumomta' }
  local escaped = domain:gsub('[^%w%.%-]', function(c)
    return string.format('%%%02X', c:byte())
  end)
  local response = client:get(M.url .. '/v1/policy/' .. escaped):timeout(M.timeout):send()
  if response:status_code() ~= 200 then
    error('status ' .. response:status_code())
  end
  return kumo.serde.json_parse(response:text())
end

-- "*" stands for exactly one label.
local function matches(pattern, host)
  if pattern:sub(1, 2) == '*.' then
    return host:match '^[^.]+%.(.+)$' == pattern:sub(3)
  end
  return host == pattern
end

local function is_allowed(patterns, host)
  if type(patterns) ~= 'table' then -- null: any host
    return true
  end
  for _, pattern in ipairs(patterns) do
    if matches(pattern, host) then
      return true
    end
  end
  return false
end

-- A host without an address would keep KumoMTA from trying the others of its list.
local function allowed_hosts(domain, patterns)
  local hosts = {}
  for _, name in ipairs(kumo.dns.lookup_mx(domain).hosts) do
    local host = name:lower():gsub('%.$', '')
    if host ~= '' and is_allowed(patterns, host) and pcall(kumo.dns.lookup_addr, host) then
      table.insert(hosts, host)
    end
  end
  return hosts
end

-- An error in get_queue_config would refuse mail. Instead it is delivered to one of these, which defer it; KumoMTA asks
-- again when it looks at the configuration of the queue the next time, after a minute.
local reasons = {
  ['waxwing.no_answer'] = 'Waxwing does not answer',
  ['waxwing.hold'] = 'it cannot be said safely how mail to this domain is sent: see waxwing query',
  ['waxwing.dane'] = 'DANE is demanded: set dane = "blind" in waxwing.conf',
  ['waxwing.no_mx'] = 'no MX host can be looked up that the MTA-STS policy allows',
}

for event, text in pairs(reasons) do
  kumo.on(event, function()
    return {
      send = function()
        kumo.reject(451, '4.7.5 ' .. text)
      end,
    }
  end)
end

local function defer(event)
  return { custom_lua = { constructor = event } }
end

-- What the queue of a domain delivers by; nil: as KumoMTA does always.
local function protocol(domain)
  local answered, policy = pcall(ask, domain)
  if not answered then
    kumo.log_warn('Waxwing does not answer', domain, policy)
    return defer 'waxwing.no_answer'
  end
  if policy.hold then
    return defer 'waxwing.hold'
  end
  if policy.tls ~= 'required' then
    return nil
  end
  if policy.verify == 'dane' then
    return defer 'waxwing.dane'
  end
  local found, hosts = pcall(allowed_hosts, policy.domain, policy.mx)
  if not found or #hosts == 0 then
    return defer 'waxwing.no_mx'
  end
  if policy.verify == 'none' then
    -- The port, which is the usual one, gives them a ready queue of their own: its name is all that
    -- get_egress_path_config can tell them by, as domains with the same hosts share one.
    for i, host in ipairs(hosts) do
      hosts[i] = host .. ':25'
    end
  end
  return { smtp = { mx_list = hosts } }
end

-- Adds to the parameters of a queue what its domain demands.
function M.queue(domain, params)
  params = params or {}
  if not domain:match '^%[' then
    params.protocol = protocol(domain) or params.protocol
  end
  return params
end

-- Adds to the parameters of an egress path what all domains of its ready queue demand.
function M.path(site_name, params)
  params = params or {}
  params.enable_mta_sts = false -- Waxwing does it
  params.enable_dane = false
  local list = site_name:match '^mx_list:(.*)$'
  if not list then
    params.enable_tls = params.enable_tls or 'OpportunisticInsecure'
  elseif list:match ':25$' then
    params.enable_tls = 'RequiredInsecure'
  else
    params.enable_tls = 'Required'
  end
  return params
end

return M
