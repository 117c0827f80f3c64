'use strict'

// What the tests need of Haraka beside the recipe: it takes mail for everybody, and writes down what becomes of it.

const fs = require('node:fs')

exports.register = function () {
    this.outcomes = this.config.get('lab.ini').main.outcomes
}

exports.hook_connect = function (next, connection) {
    connection.relaying = true
    next()
}

exports.hook_rcpt = function (next) {
    next(OK)
}

exports.write = function (hmail, status, more) {
    const recipient = hmail.todo.rcpt_to[0].address
    fs.appendFileSync(this.outcomes, `${JSON.stringify({ recipient, status, more })}\n`)
}

exports.hook_delivered = function (next, hmail, params) {
    const [host, , , , , , , secured] = params
    this.write(hmail, 'sent', { host, secured })
    next()
}

exports.hook_deferred = function (next, hmail, params) {
    this.write(hmail, 'deferred', String(params.err))
    next(OK) // and forgets it
}

exports.hook_bounce = function (next, hmail, error) {
    this.write(hmail, 'bounced', String(error))
    next(OK)
}
