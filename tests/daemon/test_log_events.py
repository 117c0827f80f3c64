#!/usr/bin/python3
"""test_log_events.py SRC MANUAL: waxwingd(8) lists the events that are logged from level info on, and no others."""
import re
import sys
import unittest
from pathlib import Path

MANUAL = Path(sys.argv.pop(2)).read_text(encoding="utf-8").replace("\\\n", "")
SOURCE = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(sys.argv.pop(1)).glob("*.c")))


class Events(unittest.TestCase):
    listed = re.findall(r"[a-z-]+", " ".join(re.findall(r"^\.It Sy (.*)$", MANUAL, re.MULTILINE)))

    def test_all_are_listed(self):
        calls = re.findall(r'ww_log_(?:error|warning|info)\(\s*"([a-z-]+)"', SOURCE)
        calls += re.findall(r'\.event = "([a-z-]+)"', SOURCE)
        self.assertGreater(len(calls), 40)
        self.assertEqual(sorted(set(calls) - set(self.listed)), [])

    def test_no_others_are_listed(self):
        self.assertEqual([event for event in self.listed if f'"{event}"' not in SOURCE], [])
        self.assertEqual(len(self.listed), len(set(self.listed)))


if __name__ == "__main__":
    unittest.main()
