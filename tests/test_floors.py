#!/usr/bin/python3
"""test_floors.py SRC: no file includes a header of another folder on its own floor, or of one above.

A call up the house shows when the tests of the lower folder are linked; a struct or a constant from above would not.
"""
import re
import sys
import unittest
from pathlib import Path

SRC = Path(sys.argv.pop(1))
FLOORS = [["base"], ["core"], ["engine", "codec"], ["net", "sign", "store", "proc", "client"], ["drive", "probe", "advise", "lib"], ["check", "report", "publish"], ["daemon"], ["cli"]]
FLOOR_OF = {folder: floor for floor, folders in enumerate(FLOORS) for folder in folders}

_FUNCTION = r"^(?!static\b)\w[\w *]*?\b(ww_\w+)\([^;{]*?\)\n\{"


class Floors(unittest.TestCase):
    def test_every_folder_has_its_floor(self):
        self.assertEqual(sorted(p.name for p in SRC.iterdir() if p.is_dir()), sorted(FLOOR_OF))

    def test_includes_lead_down(self):
        wrong = []
        for path in sorted(SRC.rglob("*.[ch]")):
            own = path.parent.name
            for folder in re.findall(r'^#include "(\w+)/', path.read_text(encoding="utf-8"), re.MULTILINE):
                if folder != own and FLOOR_OF[folder] >= FLOOR_OF[own]:
                    wrong.append(f"{path.relative_to(SRC)} includes {folder}/")
        self.assertEqual(wrong, [])

    def test_a_function_has_its_name_alone(self):
        """Two of one name in two libraries link, and one of them is called for both."""
        found = {}
        for path in sorted(SRC.rglob("*.c")):
            for name in re.findall(_FUNCTION, path.read_text(encoding="utf-8"), re.MULTILINE):
                found.setdefault(name, []).append(str(path.relative_to(SRC)))
        self.assertGreater(len(found), 1000)
        self.assertEqual({name: paths for name, paths in found.items() if len(paths) > 1}, {})


if __name__ == "__main__":
    unittest.main()
