#!/usr/bin/python3
"""test_publish.py WAXWING: `waxwing publish` against a daemon that says what it is told to."""
import json
import os
import pty
import re
import subprocess
import sys
import threading
import time
import unittest

import fake_control
from fake_control import END

WAXWING = sys.argv.pop(1)
EVIL = "\033[2J\u009b31m\r\n"
ENABLED = "publish {{\n  enabled = true\n}}\n"
UNKNOWN = {"end": True, "error": {"id": "not-known", "message": "nothing is known of it", "detail": None}}
REFUSED = {"end": True, "error": {"id": "publish-refused", "message": "refused",
                                  "detail": "testing comes first: waxwing publish start"}}
CHANGES = ("publish-add", "publish-change", "publish-look", "publish-remove")


def at(seconds):
    """So far from now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


DAY = 86400
HOSTS = [{"name": "mx1.example.com", "seen_at": at(-40 * DAY), "gone_at": None, "tls": "good", "why": None,
          "may_enter_at": None, "may_leave_at": None},
         {"name": "mx2.example.com", "seen_at": at(-40 * DAY), "gone_at": None, "tls": "bad",
          "why": "its certificate has ended", "may_enter_at": None, "may_leave_at": None}]
DRAFT = {"domain": "example.com", "state": "draft", "goal": "draft", "automatic": False, "stopped": False, "mode": None,
         "max_age": None, "id": None, "host": "here", "dns": "hand", "certificate": "files",
         "waits": "nothing is published before waxwing publish start example.com", "until": None, "needs_operator": False,
         "trouble": None, "next_at": at(3600), "version": 3, "added_at": at(-60), "state_since": at(-60),
         "looked_at": at(-5), "mx_wanted": [], "max_age_wanted": 90 * DAY, "rua": "mailto:tls-reports@example.com",
         "mirror": None, "record": None, "shown": None, "certificate_until": None, "hosts": HOSTS, "served": [],
         "refusals": [], "log": []}
NEW = {**DRAFT, "looked_at": None, "hosts": [], "waits": "it has to be looked at from outside", "next_at": at(0)}
WANTED = {**DRAFT, "mx_wanted": ["mx1.example.com", "mx2.example.com"]}
ROW = {key: DRAFT[key] for key in ("domain", "state", "goal", "automatic", "stopped", "mode", "max_age", "id", "host", "dns",
                                   "certificate", "waits", "until", "needs_operator", "trouble", "next_at")}
SERVED = [{"id": "20261001T000000a", "mode": "testing", "max_age": DAY, "mx": ["mx1.example.com"], "since": at(-60 * DAY),
           "until": at(-40 * DAY), "binds_until": at(-39 * DAY)},
          {"id": "20261101T000000b", "mode": "enforce", "max_age": 30 * DAY, "mx": ["mx1.example.com"],
           "since": at(-40 * DAY), "until": at(-2 * DAY), "binds_until": at(28 * DAY)},
          {"id": "20261128T000000c", "mode": "enforce", "max_age": 30 * DAY, "mx": ["mx1.example.com", "mx3.example.com"],
           "since": at(-2 * DAY), "until": None, "binds_until": None}]
CHANGING = {**DRAFT, "state": "changing", "goal": "enforce", "mode": "enforce", "max_age": 30 * DAY,
            "id": "20261128T000000c", "state_since": at(-2 * DAY), "until": at(28 * DAY),
            "waits": "mx3.example.com may go into the MX records from " + at(28 * DAY) +
                     ": until then senders may hold a policy without it",
            "mx_wanted": ["mx1.example.com", "mx3.example.com"],
            "record": {"id": "20261128T000000c", "since": at(-2 * DAY + 300), "ttl": 300},
            "shown": {"id": "20261128T000000c", "at": at(-300)}, "certificate_until": at(60 * DAY),
            "hosts": [HOSTS[0],
                      {"name": "mx3.example.com", "seen_at": None, "gone_at": None, "tls": "unknown", "why": None,
                       "may_enter_at": at(28 * DAY), "may_leave_at": None},
                      {"name": "old.example.com", "seen_at": at(-300 * DAY), "gone_at": at(-3600), "tls": "good",
                       "why": None, "may_enter_at": None, "may_leave_at": at(DAY)}],
            "served": SERVED,
            "refusals": [{"id": "20261101T000000b", "host": "mx9.example.com", "until": at(28 * DAY)}],
            "log": [{"at": "2026-11-28T10:00:00Z", "what": "policy 20261128T000000c is served"}]}
