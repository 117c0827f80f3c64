'use strict'

// TLS policies from Waxwing for mail that Haraka sends: docs/api.md says how to set it up, and what it can and cannot do.

const http = require('node:http')
const net = require('node:net')

const net_utils = require('haraka-net-utils')

const MAX_ANSWER = 200000

exports.register = function () {
    const load = () => {
        this.cfg = this.config.get('waxwing.ini', {}, load).main
    }
    load()
}

function ask(cfg, domain) {
    const options = {
        path: `/v1/policy/${encodeURIComponent(domain)}`,
        timeout: (cfg.timeout ?? 10) * 1000, // more than Waxwing's answer_deadline
        ...(cfg.socket ? { socketPath: cfg.socket } : { host: cfg.host ?? '127.0.0.1', port: cfg.port ?? 8463 }),
    }
    return new Promise((resolve, reject) => {
        const request = http.get(options, (response) => {
            let body = ''
            response.setEncoding('utf8')
            response.on('error', reject)
            response.on('data', (chunk) => {
                body += chunk
                if (body.length > MAX_ANSWER) request.destroy(new Error('its answer is too long'))
            })
            response.on('end', () => {
                if (response.statusCode !== 200) return reject(new Error(`HTTP status ${response.statusCode}`))
                try {
                    resolve(JSON.parse(body))
                } catch (err) {
                    reject(err)
                }
            })
        })
        request.on('timeout', () => request.destroy(new Error('it has not answered in time')))
        request.on('error', reject)
    })
}

// "*" stands for exactly one label.
function matches(pattern, host) {
    return pattern.startsWith('*.') ? host.replace(/^[^.]+/, '*') === pattern : host === pattern
}

function is_allowed(patterns, mx) {
    if (patterns === null) return true
    // Without MX records the domain is its own host, and is looked up already.
    const name = net.isIP(mx.exchange) ? mx.from_dns : mx.exchange
    const host = name.toLowerCase().replace(/\.$/, '')
    return patterns.some((pattern) => matches(pattern, host))
}

exports.hook_get_mx = async function (next, hmail, domain) {
    const wait = (why) => {
        this.logwarn(`mail to ${domain} waits: ${why}`)
        next(DENYSOFT, why)
    }
    let policy, found
    delete hmail.get_force_tls // of the attempt before
    try {
        policy = await ask(this.cfg, domain)
    } catch (err) {
        return wait(`Waxwing: ${err.message}`)
    }
    if (policy.hold) return wait(`Waxwing: ${policy.why.text}`)
    if (policy.tls !== 'required') return next()
    if (policy.verify === 'dane') return wait('DANE is demanded, which Haraka cannot do: set dane = "blind" in waxwing.conf')

    hmail.get_force_tls = () => true
    try {
        found = await net_utils.get_mx(domain)
    } catch (err) {
        return wait(`MX look-up: ${err.message}`)
    }
    const takes_no_mail = found.length === 1 && found[0].exchange === ''
    if (takes_no_mail) return next() // Haraka returns it
    const allowed = found.filter((mx) => is_allowed(policy.mx, mx))
    if (allowed.length === 0) return wait('the MTA-STS policy allows none of its MX hosts')
    next(OK, hmail.sort_mx(allowed))
}
