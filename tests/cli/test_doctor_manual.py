#!/usr/bin/python3
"""Every check of `waxwing doctor` stands in waxwing(1), and no other: arguments are doctor_checks.h and the page."""

import re
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    checks = re.findall(r'^WW_CHECK\(\w+, "([a-z0-9-]+)", "[^"]+"\)$', f.read(), re.MULTILINE)
with open(sys.argv[2], encoding="utf-8") as f:
    section = f.read().partition(".Ss doctor\n")[2].partition("\n.Ss ")[0]
listed = [name for line in re.findall(r"^\.It Cm (.*)$", section, re.MULTILINE) for name in line.split(" , ")]
assert len(checks) > 20 and len(set(checks)) == len(checks), checks
assert sorted(listed) == sorted(checks), f"they differ: {sorted(set(listed) ^ set(checks))}"
