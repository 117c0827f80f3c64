#!/usr/bin/python3
"""test_publish.py WAXWING: `waxwing publish` against a daemon that says what it is told to."""
import json
import re
import subprocess
import sys
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
         "mirror": None, "record": None, "shown": None, "certificate_until": None, "handover": None, "hosts": HOSTS, "served": [],
         "tending": False, "asked": 2, "answered": 2, "refusals": [], "faults": [], "log": []}
NEW = {**DRAFT, "answered": 0, "looked_at": None, "hosts": [], "waits": "it has to be looked at from outside", "next_at": at(0)}
WANTED = {**DRAFT, "mx_wanted": ["mx1.example.com", "mx2.example.com"]}
ROW = {key: DRAFT[key] for key in ("domain", "state", "goal", "automatic", "stopped", "mode", "max_age", "id", "host", "dns",
                                   "certificate", "waits", "until", "needs_operator", "trouble", "tending", "next_at")}
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
            "faults": [{"id": "publish-host-refused", "severity": "error", "where": "mx9.example.com",
                        "seen": "senders refuse it", "since": at(-DAY)}],
            "log": [{"at": "2026-11-28T10:00:00Z", "what": "policy 20261128T000000c is served"}]}


def run(command, *answer, settings=ENABLED, **options):
    return fake_control.run([WAXWING, "publish", *command], *answer, settings=settings, **options)


def life(*states, refuse=()):
    """A daemon whose domain is shown in these states, one after the other, and then in the last one."""
    left = list(states)

    def answer(asked):
        if asked["command"] in refuse:
            return [REFUSED]
        if asked["command"] == "publish-list":
            return [{key: left[0][key] for key in ROW}, END] if left[0].get("listed") else [END]
        if asked["command"] == "publish-show":
            return [left.pop(0) if len(left) > 1 else left[0], END]
        return [END]
    return answer


def changes(asked):
    """What was asked to be changed, without what every request has."""
    return [{key: value for key, value in one.items() if key != "waxwing"} for one in asked if one["command"] in CHANGES]


class Shown(unittest.TestCase):
    def out(self, command, *answer, **options):
        done, _ = run(command, *answer, **options)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode()

    def test_status_of_a_change(self):
        out = self.out(["status", "EXAMPLE.com"], life(CHANGING))
        for line in (r"example\.com: changing \(mode enforce\) since 2 d ago, [-0-9]{10} [0-9]{2}:[0-9]{2} UTC",
                     r"  \+ draft -- \+ testing -- > enforce",
                     r"  \+ certificate  of mta-sts\.example\.com, ends in (60|59) d, .* UTC",
                     r"  \+ policy       mode enforce, max_age 30 d, seen from outside .* ago, .* UTC",
                     r"  \+ record       id 20261128T000000c at all name servers, seen .* ago, .* UTC",
                     r"  > max_age      30 d of 90 d",
                     r"  \+ reports      go to mailto:tls-reports@example\.com",
                     r"  waits for   mx3\.example\.com may go into the MX records from .*: until then senders may hold .*",
                     r"  until       in (28|27) d, .* UTC",
                     r"mx1\.example\.com yes +good *",
                     r"mx3\.example\.com not yet +unknown may come in (28|27) d, .* UTC",
                     r"old\.example\.com left 1 h.* ago, .* UTC good +leaves the policy in .* UTC",
                     r"enforce 30 d    40 d ago, .* UTC in (28|27) d, .* UTC mx1\.example\.com",
                     r"enforce 30 d    2 d ago, .* UTC +it is served +mx1\.example\.com mx3\.example\.com",
                     r"  x mx9\.example\.com senders refuse it \(since .*\)",
                     r"  mx9\.example\.com is refused by those that hold policy 20261101T000000b; over in .* UTC"):
            self.assertRegex(out, re.compile(f"^{line}$", re.MULTILINE))
        self.assertNotIn("testing 1 d", out, "a policy that binds nobody any more")
        unseen = {**CHANGING, "served": [{**SERVED[1], "binds_until": None}, SERVED[2]]}
        self.assertRegex(self.out(["status", "example.com"], life(unseen)),
                         r"\nenforce 30 d    40 d ago, .* UTC the next one was seen, and longer +mx1\.example\.com\n")

    def test_a_policy_of_somebody_else(self):
        theirs = {"id": None, "foreign": True, "mode": "enforce", "max_age": 30 * DAY, "mx": ["mx1.example.com"],
                  "since": at(-DAY), "until": None, "binds_until": None}
        ours = [{**s, "foreign": False} for s in SERVED]
        out = self.out(["status", "example.com"], life({**DRAFT, "served": [theirs]}))
        self.assertRegex(out, r"\n  - policy       none of ours is served; somebody else's is seen: mode enforce, max_age 30 d\n")
        self.assertRegex(out, r"\nenforce 30 d    1 d ago, .* UTC ours was seen, and longer +mx1\.example\.com +somebody else's\n")
        served = {**CHANGING, "served": [theirs, *ours], "shown": None}
        self.assertRegex(self.out(["status", "example.com"], life(served)),
                         r"\n  [>-] policy       ours is not seen; somebody else's is seen: mode enforce, max_age 30 d\n")
        replaced = {**CHANGING, "host": "elsewhere", "served": [theirs, *ours],
                    "refusals": [{"id": None, "foreign": True, "host": "mx3.example.com", "until": None}]}
        out = self.out(["status", "example.com"], life(replaced))
        self.assertRegex(out, r"\n  x policy       in the place of ours somebody else's is seen: mode enforce, max_age 30 d\n")
        self.assertRegex(out, r"\n  mx3\.example\.com is refused by those that hold somebody else's policy; over when it was seen for the last time, ")
        self.assertIn("The policy to put at https://mta-sts.example.com/.well-known/mta-sts.txt", out)
        self.assertIn("mx3.example.com", self.out(["show", "--policy", "example.com"], life(replaced)))
        over = {**CHANGING, "served": [{**theirs, "until": at(-2 * DAY), "binds_until": at(29 * DAY)}, *ours]}
        out = self.out(["status", "example.com"], life(over))
        self.assertRegex(out, r"\n  \+ policy       mode enforce, max_age 30 d, seen from outside")
        self.assertRegex(out, r"\nenforce 30 d    1 d ago, .* UTC +in (29|28) d, .* UTC +mx1\.example\.com +somebody else's\n")

    def test_steps(self):
        """What is marked as done, as being done, as to come, as wrong."""
        served = {**SERVED[2], "mode": "testing", "max_age": DAY}
        testing = {**DRAFT, "goal": "testing", "state": "testing"}
        with_policy = {**testing, "certificate_until": at(DAY), "served": [served]}
        shown = {**with_policy, "shown": {"id": served["id"], "at": at(-60)}}
        record = {"id": served["id"], "since": at(-60), "ttl": 60}
        for state, marks in ((DRAFT, "--- +"), (testing, ">-- +"), ({**testing, "certificate_until": at(DAY)}, "+>- +"),
                             (with_policy, "+>- +"), ({**testing, "certificate_until": at(-DAY)}, "x>- +"), (shown, "++> +"),
                             ({**shown, "record": {**record, "id": "other"}}, "++> +"),
                             ({**shown, "record": record, "rua": None}, "+++ ?"),
                             ({**shown, "record": record, "stopped": True}, "+++ +"),
                             ({**testing, "stopped": True}, "--- +"),
                             ({**testing, "host": "elsewhere"}, ">-- +"),
                             ({**shown, "host": "tree", "certificate_until": None}, "++> +"),
                             ({**shown, "goal": "retire", "state": "retiring"}, "++-  ")):
            out = self.out(["status", "example.com"], life(state))
            found = [re.search(rf"^  (.) {name} ", out, re.MULTILINE) for name in ("certificate", "policy", "record", "reports")]
            text = "".join(one.group(1) if one else " " for one in found)
            self.assertEqual(text, marks.replace(" ", "", 1), out)

    def test_a_host_that_is_handed_over(self):
        state = {**DRAFT, "state": "testing", "goal": "testing", "host": "elsewhere"}
        handover = {"addresses": ["192.0.2.1", "2001:db8::1"], "gone_at": None, "until": None}
        out = self.out(["status", "example.com"], life({**state, "handover": handover}))
        self.assertRegex(out, r"\n  > handover +mta-sts\.example\.com still leads to Waxwing \(192\.0\.2\.1\)")
        gone = {**handover, "gone_at": at(-60), "until": at(DAY)}
        out = self.out(["status", "example.com"], life({**state, "handover": gone}))
        self.assertRegex(out, r"\n  > handover +mta-sts\.example\.com leads elsewhere, seen 1 min ago")
        self.assertNotIn("handover", self.out(["status", "example.com"], life({**state, "handover": None})))

    def test_the_way(self):
        for state, way in ((DRAFT, "> draft -- - testing -- - enforce"),
                           ({**DRAFT, "state": "testing"}, "+ draft -- > testing -- - enforce"),
                           ({**DRAFT, "state": "changing", "mode": "testing"}, "+ draft -- > testing -- - enforce"),
                           ({**DRAFT, "state": "enforce"}, "+ draft -- + testing -- > enforce"),
                           ({**DRAFT, "state": "enforce", "goal": "retire"},
                            "+ draft -- + testing -- > enforce -- - retiring -- - gone"),
                           ({**DRAFT, "state": "gone"}, "+ draft -- + testing -- + enforce -- + retiring -- > gone")):
            self.assertIn(f"\n  {way}\n", self.out(["status", "example.com"], life(state)))

    def test_what_to_do_next(self):
        testing = {**WANTED, "goal": "testing", "state": "testing"}
        for state, words in (({**DRAFT, "hosts": []}, "`waxwing publish look example.com`"),
                             (DRAFT, "`waxwing publish mx --accept example.com`"),
                             (WANTED, "`waxwing publish start example.com`"),
                             ({**DRAFT, "host": "mirror"}, "`waxwing publish start example.com`"),
                             ({**WANTED, "goal": "testing"}, "mode testing, by itself"),
                             (testing, "then `waxwing publish promote example.com`"),
                             ({**testing, "goal": "enforce"}, "as soon as nothing speaks against it"),
                             ({**testing, "goal": "enforce", "automatic": True}, "when two weeks of reports were good"),
                             ({**testing, "needs_operator": True}, "when it is done, `waxwing publish look example.com`"),
                             ({**testing, "stopped": True}, "`waxwing publish resume example.com`"),
                             ({**testing, "state": "enforce", "goal": "enforce"}, "nothing is to be done"),
                             ({**testing, "goal": "retire"}, "when no sender holds a policy any more"),
                             ({**testing, "goal": "retire", "state": "gone"}, "`waxwing publish remove example.com`")):
            self.assertRegex(self.out(["status", "example.com"], life(state)), f"\n  next        .*{re.escape(words)}")
        yours = self.out(["status", "example.com"], life({**testing, "needs_operator": True, "trouble": "it went wrong"}))
        self.assertIn("\n  your turn   nothing is published before", yours)
        self.assertIn("\n  trouble     it went wrong\n", yours)

    def test_a_host_that_may_come(self):
        new = {**CHANGING["hosts"][1]}
        for may, words in ((at(-60), "may come now"), (None, "may not come yet"), (at(3 * DAY + 60), "may come in 3 d")):
            out = self.out(["status", "example.com"], life({**CHANGING, "hosts": [{**new, "may_enter_at": may}]}))
            self.assertRegex(out, rf"mx3\.example\.com not yet +unknown {words}")

    def test_show(self):
        out = self.out(["show", "--log", "example.com"], life(CHANGING))
        for line in ("Settings", "  mx          mx1.example.com mx3.example.com", "  max_age     90 d",
                     "  policy      waxwingd serves it", "  dns         changed by you", "What was done",
                     "  2026-11-28 10:00 policy 20261128T000000c is served"):
            self.assertIn(f"\n{line}\n", out)
        self.assertNotIn("What was done", self.out(["show", "example.com"], life(CHANGING)))
        self.assertEqual(json.loads(self.out(["show", "--json", "example.com"], life(CHANGING))), CHANGING)
        self.assertEqual(json.loads(self.out(["status", "--json", "example.com"], life(CHANGING))), CHANGING)

    def test_the_policy(self):
        text = "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmx: mx3.example.com\nmax_age: 2592000\n"
        done, _ = run(["show", "--policy", "example.com"], life(CHANGING))
        self.assertEqual((done.returncode, done.stdout.decode()), (0, text.replace("\n", "\r\n")))
        done, _ = run(["show", "--policy", "example.com"], life(DRAFT))
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(b"no policy is served", done.stderr)
        lines = "".join(f"    {line}\n" for line in text.splitlines())
        for state, is_there in ((CHANGING, False), ({**CHANGING, "host": "elsewhere"}, False),
                                ({**CHANGING, "host": "elsewhere", "shown": None}, True)):
            out = self.out(["status", "example.com"], life(state))
            self.assertEqual(f"\nThe policy to put at https://mta-sts.example.com/.well-known/mta-sts.txt\n{lines}" in out,
                             is_there)

    def test_tables(self):
        rows = [{**ROW, "domain": "a.example", "state": "enforce", "goal": "enforce", "mode": "enforce", "max_age": 30 * DAY,
                 "id": "1", "waits": "", "next_at": "2026-12-01T00:00:00Z"},
                {**ROW, "domain": "b.example", "goal": "testing", "needs_operator": True, "waits": "a record", "until": None},
                {**ROW, "domain": "c.example", "goal": "testing", "trouble": "it went wrong", "until": "2026-12-03T10:00:00Z"},
                {**ROW, "domain": "d.example", "goal": "testing", "stopped": True, "waits": "stopped"}, ROW]
        self.assertEqual(self.out(["status"], *rows, END).splitlines(), [
            "DOMAIN\tSTATE\tGOAL\tTURN\tUNTIL\tWAITS FOR",
            "a.example\tenforce\tenforce\twaxwing\t-\t",
            "b.example\tdraft\ttesting\tyou\t-\ta record",
            "c.example\tdraft\ttesting\ttrouble\t2026-12-03T10:00:00Z\tit went wrong",
            "d.example\tdraft\ttesting\tstopped\t-\tstopped",
            "example.com\tdraft\tdraft\tyou\t-\t" + ROW["waits"]])
        self.assertEqual([line.split("\t")[0] for line in self.out(["list", "--attention"], *rows, END).splitlines()],
                         ["DOMAIN", "b.example", "c.example"])
        self.assertEqual(self.out(["list"], rows[0], END).splitlines()[1],
                         "a.example\tenforce\tenforce\tno\tenforce\t30 d\t1\there\thand\tfiles\t2026-12-01T00:00:00Z")
        self.assertEqual([json.loads(line) for line in self.out(["list", "--json"], *rows, END).splitlines()], rows)
        done, _ = run(["status"], *rows, END, terminal=True, width=100, environment={"NO_COLOR": "1"})
        self.assertIn(b"5 domains, 2 of which wait for you or have trouble: --attention shows these alone", done.stdout)
        self.assertIn("Begin with `waxwing publish wizard`.", self.out(["list"], END))

    def test_one_that_is_not_known(self):
        done, _ = run(["status", "example.com", "example.net"], UNKNOWN)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        for domain in (b"example.com", b"example.net"):
            self.assertIn(b"waxwing publish status: " + domain + b": it is not one of the domains that are published: "
                          b"`waxwing publish add` makes it one\n", done.stderr)


class Add(unittest.TestCase):
    def test_what_was_seen_is_proposed(self):
        done, asked = run(["add", "--rua", "mailto:tls-reports@example.com", "Example.COM"], life(NEW, NEW, DRAFT))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(changes(asked), [{"command": "publish-add", "domain": "example.com", "host": "elsewhere", "dns": "hand",
                                           "certificate": "files", "rua": "mailto:tls-reports@example.com"}])
        lines = done.stdout.decode().splitlines()
        for line in ("example.com: added, as a draft",
                     "  + mx1.example.com: takes mail by TLS, with a certificate that senders accept",
                     "  x mx2.example.com: its certificate has ended", "    mode: testing", "    mx: mx1.example.com",
                     "    mx: mx2.example.com", "    max_age: 86400", "What mode enforce would break",
                     "Next: `waxwing publish mx --accept example.com` makes the hosts that were seen those of the policy"):
            self.assertIn(line, lines)
        self.assertIn('    _smtp._tls.example.com. TXT "v=TLSRPTv1; rua=mailto:tls-reports@example.com;"', lines)

    def test_only_who_says_so_takes_it(self):
        taken = {"command": "publish-change", "domain": "example.com", "mx": ["mx1.example.com", "mx2.example.com"], "version": 3}
        for options in ([], ["--json"]):
            done, asked = run(["add", "--accept-mx", *options, "example.com"], life(NEW, DRAFT, WANTED))
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(changes(asked)[1:], [taken])
        answer = json.loads(done.stdout)
        self.assertEqual(answer["mx_wanted"], ["mx1.example.com", "mx2.example.com"])
        self.assertEqual(answer["proposal"]["breaks"], [{"host": "mx2.example.com", "why": "its certificate has ended"}])
        self.assertEqual(answer["proposal"]["policy"].splitlines()[1], "mode: testing")
        self.assertEqual([record["name"] for record in answer["proposal"]["records"]],
                         ["_smtp._tls.example.com", "_mta-sts.example.com"])

    def test_hosts_that_left_are_not_proposed(self):
        gone = {**HOSTS[1], "gone_at": at(-60)}
        _, asked = run(["add", "--accept-mx", "example.com"], life(NEW, {**DRAFT, "hosts": [HOSTS[0], gone]}, WANTED))
        self.assertEqual(changes(asked)[1]["mx"], ["mx1.example.com"])
        done, asked = run(["add", "--accept-mx", "example.com"], life(NEW, {**DRAFT, "hosts": []}))
        self.assertEqual((done.returncode, len(changes(asked))), (1, 1))
        self.assertIn(b"example.com: no host takes its mail", done.stderr)

    def test_a_terminal_is_asked(self):
        taken = [{"command": "publish-change", "domain": "example.com", "mx": ["mx1.example.com", "mx2.example.com"],
                  "version": 3}]
        for typed, expected in ((b"y\n", taken), (b"\nno\n", []), (b"\x04", [])):
            shown, asked = talk(["add", "example.com"], life(NEW, DRAFT, WANTED), typed)
            self.assertIn("Are these all hosts that take its mail, and is the policy to name them? [y/n]", shown)
            self.assertEqual(changes(asked)[1:], expected)

    def test_no_look_is_waited_for(self):
        for command in (["--mx", "MX1.example.com.", "--mx", "*.example.NET"], ["--host", "mirror=Example.NET"], ["--no-wait"]):
            settings = ENABLED.replace("true\n", "true\n  https = {{\"inet:127.0.0.1:8443\"}}\n")
            done, asked = run(["add", *command, "a.example", "b.example"], life(NEW), settings=settings)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual([one["domain"] for one in changes(asked)], ["a.example", "b.example"])
            self.assertEqual([one["host"] for one in changes(asked)], ["mirror" if "--host" in command else "here"] * 2)
            if "--mx" in command:
                self.assertEqual(changes(asked)[0]["mx"], ["mx1.example.com", "*.example.net"])
            self.assertEqual(len(asked), 4)

    def test_it_is_not_looked_at_in_time(self):
        done, asked = run(["add", "--wait", "1s", "example.com"], life(NEW))
        self.assertEqual(done.returncode, 75)
        self.assertIn(b"it is added, and was not looked at yet", done.stderr)
        self.assertEqual([one["command"] for one in changes(asked)], ["publish-add"])

    def test_all_are_tried(self):
        done, asked = run(["add", "--no-wait", "a.example", "b.example"], life(NEW, refuse=["publish-add"]))
        self.assertEqual((done.returncode, len(asked)), (1, 2))

    def test_what_the_daemon_is_set_up_for(self):
        with_all = ENABLED.replace("true\n", "true\n  https = {{\"inet:127.0.0.1:8443\"}}\n  dns_server = {{\"192.0.2.1\"}}\n"
                                   "  acme = \"https://acme.example/directory\"\n")
        with_tree = ENABLED.replace("true\n", "true\n  tree = \"{folder}/tree\"\n")
        for settings, usual in ((ENABLED, ["elsewhere", "hand", "files"]), (with_tree, ["tree", "hand", "files"]),
                                (with_all, ["here", "update", "acme"])):
            _, asked = run(["add", "--no-wait", "example.com"], life(NEW), settings=settings)
            self.assertEqual([asked[0][key] for key in ("host", "dns", "certificate")], usual)
        for options, setting in ((["--host", "here"], b"publish.https"), (["--host", "tree"], b"publish.tree"),
                                 (["--dns", "update"], b"publish.dns_server"), (["--host", "mirror=a.example"], b"publish.https")):
            done, asked = run(["add", *options, "example.com"], END)
            self.assertEqual((done.returncode, asked), (78, []))
            self.assertIn(setting, done.stderr)
        done, asked = run(["add", "example.com"], END, settings="")
        self.assertEqual((done.returncode, asked), (78, []))
        self.assertIn(b"publish { enabled = true }", done.stderr)


class Change(unittest.TestCase):
    def test_what_is_asked(self):
        automatic = {**WANTED, "automatic": True}
        for command, state, expected in (
                (["start"], WANTED, {"goal": "testing"}), (["start"], automatic, {"goal": "enforce"}),
                (["promote"], WANTED, {"goal": "enforce"}), (["promote", "--force"], WANTED, {"goal": "enforce", "force": True}),
                (["demote"], automatic, {"goal": "testing"}), (["retire"], WANTED, {"goal": "retire"}),
                (["stop"], WANTED, {"stopped": True}), (["resume"], WANTED, {"stopped": False}),
                (["set", "--rua", "mailto:a@b.example", "--rua", "https://c.example/"], WANTED,
                 {"rua": "mailto:a@b.example,https://c.example/"}),
                (["set", "--no-rua", "--max-age", "30d"], WANTED, {"rua": "", "max_age": 30 * DAY}),
                (["set", "--max-age", "86400", "--automatic"], WANTED, {"max_age": DAY, "automatic": True}),
                (["set", "--no-automatic", "--host", "tree", "--dns", "update", "--certificate", "acme"], WANTED,
                 {"automatic": False, "host": "tree", "dns": "update", "certificate": "acme"}),
                (["set", "--host", "mirror=a.example", "--host", "here"], WANTED, {"host": "here"}),
                (["set", "--host", "mirror=B\u00fccher.example"], WANTED, {"host": "mirror", "mirror": "xn--bcher-kva.example"}),
                (["mx", "--add", "mx4.Example.com", "--drop", "mx2.example.com"], WANTED,
                 {"mx_add": ["mx4.example.com"], "mx_drop": ["mx2.example.com"]}),
                (["mx", "--set", "a.example", "--set", "*.b.example", "--set", "A.example"], WANTED,
                 {"mx": ["a.example", "*.b.example"]}),
                (["mx", "--accept"], DRAFT, {"mx": ["mx1.example.com", "mx2.example.com"], "version": 3})):
            with self.subTest(command=command):
                done, asked = run([*command, "Example.COM"], life(state))
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertEqual(changes(asked), [{"command": "publish-change", "domain": "example.com", **expected}])
                self.assertTrue(done.stdout.startswith(b"example.com: "))

    def test_remove(self):
        done, asked = run(["remove", "example.com", "example.net"], END)
        self.assertEqual((done.returncode, done.stdout), (0, b"example.com: forgotten\nexample.net: forgotten\n"))
        self.assertEqual([one["command"] for one in asked], ["publish-remove"] * 2)

    def test_what_is_refused_says_why(self):
        done, asked = run(["promote", "a.example", "b.example"], REFUSED)
        self.assertEqual((done.returncode, done.stdout, len(asked)), (1, b"", 2))
        self.assertIn(b"waxwing publish promote: a.example: refused: testing comes first: waxwing publish start\n", done.stderr)

    def test_a_start_is_no_step_back(self):
        done, asked = run(["start", "example.com"], life({**WANTED, "goal": "enforce", "state": "enforce"}))
        self.assertEqual((done.returncode, done.stdout, changes(asked)), (1, b"", []))
        self.assertIn(b"waxwing publish start: example.com: refused: it is started already; `waxwing publish demote`", done.stderr)
        done, asked = run(["start", "--force", "example.com"], life({**WANTED, "goal": "enforce", "state": "enforce"}))
        self.assertEqual((done.returncode, [one["goal"] for one in changes(asked)]), (0, ["testing"]))

    def test_what_comes_of_it_is_waited_for(self):
        due = {**WANTED, "answered": 1, "goal": "testing", "next_at": at(0), "waits": "due"}
        busy = {**due, "answered": 2, "looked_at": at(10), "next_at": at(12), "waits": "a policy of mode testing is to be served"}
        tending = {**busy, "tending": True, "next_at": at(600)}
        over = {**due, "answered": 2, "looked_at": at(12), "next_at": at(3600), "waits": "over"}
        done, asked = run(["start", "--wait", "1m", "example.com"], life(due, busy, tending, over))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"\n  waits for   over\n", done.stdout)
        self.assertEqual([one["command"] for one in asked], ["publish-show", "publish-change"] + ["publish-show"] * 3)
        done, _ = run(["start", "--wait", "1m", "--json", "example.com"], life(due, busy, over))
        self.assertEqual(json.loads(done.stdout), over)
        done, _ = run(["start", "--wait", "1s", "example.com"], life(due))
        self.assertEqual((done.returncode, done.stderr), (0, b""), "the change was made, whatever comes of it")

    def test_it_waits_for_the_operator_no_longer(self):
        yours = {**WANTED, "looked_at": at(10), "next_at": at(12), "needs_operator": True, "waits": "a record"}
        done, asked = run(["resume", "--wait", "1m", "example.com"], life(yours))
        self.assertIn(b"\n  your turn   a record\n", done.stdout)
        self.assertEqual(len(asked), 2)

    def test_look(self):
        due = {**WANTED, "answered": 1, "goal": "testing", "next_at": at(0), "waits": "due"}
        busy = {**due, "answered": 2, "looked_at": at(10), "next_at": at(12), "waits": "a policy is to be served"}
        over = {**due, "answered": 2, "looked_at": at(12), "next_at": at(3600), "state": "testing", "waits": "mode testing, as it is wanted"}
        done, asked = run(["look", "example.com"], life(due, busy, busy, over))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout.decode().splitlines()[:2], ["draft: a policy is to be served",
                                                                 "testing: mode testing, as it is wanted"])
        self.assertEqual(changes(asked), [{"command": "publish-look", "domain": "example.com"}])
        done, _ = run(["look", "--json", "example.com"], life(over))
        self.assertEqual(json.loads(done.stdout), over)
        done, _ = run(["look", "--wait", "1s", "example.com"], life(due))
        self.assertEqual(done.returncode, 75)
        self.assertIn(b"it was not looked at in time", done.stderr)
        done, _ = run(["look", "--wait", "20s", "example.com"], life({**over, "looked_at": at(-3600), "trouble": "no DNS"}))
        self.assertEqual((done.returncode, done.stderr), (0, b""), "a look that saw nothing is one, too")
        self.assertIn(b"\n  trouble     no DNS\n", done.stdout)
        done, asked = run(["look", "--no-wait", "example.com"], life(WANTED))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))


def talk(command, answer, typed):
    """On a terminal, where this is typed: what stands there in the end, and what was asked."""
    done, asked = run(command, answer, terminal=True, typed=typed, environment={"NO_COLOR": "1", "LC_ALL": "C"})
    return done.stdout.decode(), asked


class Wizard(unittest.TestCase):
    STARTED = {**WANTED, "goal": "testing", "looked_at": at(10), "waits": "a policy of mode testing is to be served"}

    def test_answers_from_a_file(self):
        done, asked = run(["wizard"], life(NEW, DRAFT, WANTED, self.STARTED),
                          stdin=b"example.com\n\n\nno\nyes\n\n")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(changes(asked), [
            {"command": "publish-add", "domain": "example.com", "rua": "mailto:tls-reports@example.com", "host": "elsewhere",
             "dns": "hand", "automatic": False},
            {"command": "publish-change", "domain": "example.com", "mx": ["mx1.example.com", "mx2.example.com"], "version": 3},
            {"command": "publish-change", "domain": "example.com", "goal": "testing"}])
        out = done.stdout.decode()
        for words in ("Which mail domain?", "Where are reports to go?", "Who serves it? [3]", "Are these all your hosts",
                      "Begin now? [Y/n]", "draft: a policy of mode testing is to be served",
                      "`waxwing publish status example.com` says at any time how far it is."):
            self.assertIn(words, out)

    def test_what_is_set_up_decides_what_is_asked(self):
        settings = ENABLED.replace("true\n", "true\n  https = {{\"inet:127.0.0.1:8443\"}}\n  dns_server = {{\"192.0.2.1\"}}\n"
                                   "  acme = \"https://acme.example/directory\"\n")
        done, asked = run(["wizard", "example.com"], life(NEW, DRAFT, {**WANTED, "automatic": True}, self.STARTED), settings=settings,
                          stdin=b"ops@example.net\n\n\n\n\ny\n\n")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(changes(asked)[0], {"command": "publish-add", "domain": "example.com", "rua": "mailto:ops@example.net",
                                             "host": "here", "certificate": "acme", "dns": "update", "automatic": True})
        self.assertEqual(changes(asked)[2]["goal"], "enforce", "by itself, on evidence")

    def test_what_is_answered_wrongly_is_asked_again(self):
        done, asked = run(["wizard"], life(NEW, DRAFT, WANTED, self.STARTED),
                          stdin=b"\n_\nexample.com\nftp://a.example/\n-\n7\n1\n2\n3\nwhat\nn\nmaybe\ny\nn\n")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(changes(asked)[0], {"command": "publish-add", "domain": "example.com", "rua": "", "host": "elsewhere",
                                             "dns": "hand", "automatic": False})
        self.assertEqual(len(changes(asked)), 2, "it stays a draft")
        out = done.stdout.decode()
        for words in ("Answer 1, 2, 3 or 4.", "set publish.https", "set publish.tree", "Answer y or n.", "It stays a draft"):
            self.assertIn(words, out)

    def test_nothing_is_done_without_answers(self):
        for answers, count in ((b"", 0), (b"example.com\n", 0), (b"example.com\n\n\n", 0), (b"example.com\n\n\n\n", 1),
                               (b"example.com\n\n\n\nn\n", 1)):
            done, asked = run(["wizard"], life(NEW, DRAFT), stdin=answers)
            self.assertEqual((done.returncode, len(changes(asked))), (1, count), answers)

    def test_a_draft_is_taken_up_again(self):
        done, asked = run(["wizard", "example.com"], life({**DRAFT, "listed": True}, WANTED, self.STARTED), stdin=b"\n\n\ny\n\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(changes(asked)[0]["command"], "publish-change")
        done, asked = run(["wizard", "example.com"], life({**self.STARTED, "listed": True}), stdin=b"\n\n\ny\n\n")
        self.assertEqual((done.returncode, changes(asked)), (1, []))
        self.assertIn(b"it is published already: `waxwing publish status`", done.stderr)

    def test_on_a_terminal(self):
        shown, asked = talk(["wizard", "example.com"], life(NEW, DRAFT, WANTED, self.STARTED), b"\n\n\ny\n\n")
        self.assertEqual(len(changes(asked)), 3)
        self.assertIn("example.com: draft", shown)

    def test_a_policy_of_a_provider(self):
        settings = ENABLED.replace("true\n", "true\n  https = {{\"inet:127.0.0.1:8443\"}}\n")
        mirror = {**WANTED, "host": "mirror"}
        done, asked = run(["wizard", "example.com"], life({**NEW, "host": "mirror"}, mirror, mirror, self.STARTED), settings=settings,
                          stdin=b"\n4\nProvider.example\n\n\n")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual([(one.get("host"), one.get("mirror"), one.get("goal")) for one in changes(asked)],
                         [("mirror", "provider.example", None), (None, None, "testing")])


class Everything(unittest.TestCase):
    def test_usage(self):
        for command in (["add"], ["add", "_"], ["add", "192.0.2.1"], ["add", "--mx", "a.example", "--accept-mx", "b.example"],
                        ["add", "--accept-mx", "--no-wait", "b.example"], ["add", "--mx", "192.0.2.1", "b.example"],
                        ["add", "--mx", ".a.example", "b.example"], ["add", "--rua", "a@b.example", "b.example"],
                        ["add", "--host", "there", "b.example"], ["add", "--host", "mirror", "b.example"],
                        ["add", "--host", "mirror=_", "b.example"], ["add", "--dns", "x", "b.example"],
                        ["add", "--certificate", "x", "b.example"], ["add", "--max-age", "1h", "b.example"],
                        ["add", "--max-age", "400d", "b.example"], ["add", "--wait", "1", "b.example"], ["add", "--force", "b.example"],
                        ["start"], ["start", "--mx", "a.example", "b.example"], ["promote"], ["demote"], ["retire"], ["stop"],
                        ["stop", "--wait", "1s", "b.example"], ["resume"], ["remove"], ["set", "b.example"],
                        ["set", "--force", "b.example"], ["set", "--automatic"], ["mx", "b.example"], ["mx", "--add", "a.example"],
                        ["mx", "--add", "a.example", "b.example", "c.example"],
                        ["mx", "--add", "a.example", "--set", "c.example", "b.example"],
                        ["mx", "--accept", "--drop", "c.example", "b.example"], ["show"], ["list", "b.example"], ["look"],
                        ["look", "a.example", "b.example"], ["wizard", "a.example", "b.example"], ["wizard", "--json"], ["none"],
                        [], ["status", b"\xff"]):
            with self.subTest(command=command):
                options = ["--socket", "unix:/nonexistent/x"] if len(command) > 0 and command[0] != "none" else []
                done = subprocess.run([WAXWING, "publish", *command, *options], capture_output=True, check=False)
                self.assertEqual((done.returncode, done.stdout), (64, b""))
                self.assertTrue(done.stderr)

    def test_more_patterns_than_a_policy_has(self):
        hosts = [part for n in range(33) for part in ("--mx", f"mx{n}.example.com")]
        done = subprocess.run([WAXWING, "publish", "add", *hosts, "example.com"], capture_output=True, check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn(b"32 mx patterns at the most", done.stderr)

    def test_an_option_that_is_not_taken_is_named(self):
        done = subprocess.run([WAXWING, "publish", "status", "--mx", "a.example"], capture_output=True, check=False)
        self.assertIn(b"waxwing publish status: it does not take --mx\n", done.stderr)

    def test_help(self):
        done = subprocess.run([WAXWING, "publish", "--help"], capture_output=True, check=True)
        commands = re.findall(r"^  ([a-z]+) ", done.stdout.decode(), re.MULTILINE)
        self.assertGreater(len(commands), 14)
        for command in commands:
            done = subprocess.run([WAXWING, "publish", command, "--help"], capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b""), command)
            self.assertIn(b"usage: waxwing publish " + command.encode(), done.stdout)
            self.assertTrue(all(len(line) <= 110 for line in done.stdout.splitlines()), done.stdout)
            self.assertNotIn(b" fields", done.stdout)

    def test_no_daemon(self):
        done = subprocess.run([WAXWING, "publish", "list", "--socket", "unix:/nonexistent/x"], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (75, b""))

    def test_what_steers_a_terminal(self):
        part = {key: EVIL for key in ("id", "name", "host", "why", "tls", "at", "what", "mode", "ttl", "since", "until")}
        part["seen_at"] = at(-60)
        part["mx"] = [EVIL, 7]
        for value in (None, -7, EVIL, part, [part, EVIL, 7], [7]):
            item = {**dict.fromkeys(CHANGING, value), "looked_at": at(-1), "next_at": at(3600)}
            item["faults"] = [part, 7]
            for command in (["list"], ["status"], ["status", "example.com"], ["show", "--log", "example.com"],
                            ["show", "--policy", "example.com"], ["add", "--accept-mx", "example.com"], ["start", "--no-wait", "--json", "example.com"],
                            ["mx", "--accept", "example.com"]):
                def answer(asked, item=item):
                    return [item, END] if asked["command"] in ("publish-show", "publish-list") else [END]
                done, _ = run(command, answer, terminal=True, environment={"NO_COLOR": "1", "LC_ALL": "C"},
                              stdin=None)
                self.assertIn(done.returncode, (0, 1, 70), (command, done.stderr))
                shown = done.stdout + done.stderr
                self.assertTrue(all(c in b"\r\n\t" or 32 <= c < 127 for c in shown), (command, shown))


if __name__ == "__main__":
    unittest.main()
