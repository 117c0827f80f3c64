#!/usr/bin/python3
"""test_abi.py LIBRARY INCLUDE: libwaxwing is to programs that are linked already what it was when libwaxwing.abi was taken
down. A function that is gone, another type, another value of an enum: each fails. tests/abi/update says what to do about it."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

LIBRARY, INCLUDE = sys.argv[1:3]
del sys.argv[1:]
HERE = os.path.dirname(os.path.abspath(__file__))
STORED = os.path.join(HERE, "libwaxwing.abi")


def run(*command, status=0):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != status:
        raise AssertionError(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}")
    return done.stdout


def differences(library, include=INCLUDE):
    """What abidiff has to say; new functions as well, which have to be taken down too."""
    done = subprocess.run(["abidiff", "--headers-dir2", os.path.join(include, "waxwing"), "--drop-private-types", STORED, library],
                          capture_output=True, text=True, check=False)
    if done.returncode & 3 or done.stderr:
        raise AssertionError(f"abidiff: status {done.returncode}\n{done.stderr}")
    return done.stdout if done.returncode else ""


def exported(library):
    return {line.split()[-1] for line in run("nm", "-D", "--defined-only", library).splitlines() if line.split()[1] != "A"}


def declared():
    """The functions of the headers."""
    text = ""
    for name in os.listdir(os.path.join(INCLUDE, "waxwing")):
        with open(os.path.join(INCLUDE, "waxwing", name), encoding="utf-8") as f:
            text += f.read()
    return set(re.findall(r"^WAXWING_API\b[^;(]*?\b(\w+)\s*\(", text, re.MULTILINE))


@unittest.skipIf(os.uname().machine != "x86_64", "what was taken down is that of x86-64")
@unittest.skipIf(shutil.which("abidiff") is None, "abidiff is not installed (abigail-tools)")
class Abi(unittest.TestCase):
    def test_is_what_it_was(self):
        said = differences(LIBRARY)
        self.assertEqual(said, "", f"\n{said}\nIf this is meant: tests/abi/update, whose first lines say what goes with it.")

    def test_finds_what_is_changed(self):
        """The check itself, on a small library with the functions and one that has changed."""
        with tempfile.TemporaryDirectory() as folder:
            library = os.path.join(folder, "libwaxwing.so")
            source = os.path.join(folder, "one.c")
            with open(source, "w", encoding="ascii") as f:
                f.write("#include <waxwing/base.h>\nint waxwing_version2(void);\nint waxwing_version2(void) { return 1; }\n")
            run("cc", "-g", "-shared", "-fPIC", "-I", INCLUDE, "-Wl,-soname,libwaxwing.so.0", "-o", library, source)
            said = differences(library)
        self.assertIn("Removed", said)
        self.assertIn("waxwing_decide", said)
        self.assertIn("waxwing_version2", said)


class Library(unittest.TestCase):
    def test_shows_the_functions_of_its_headers_and_nothing_else(self):
        self.assertEqual({name.split("@")[0] for name in exported(LIBRARY)}, declared())
        self.assertEqual({name.split("@@")[1] for name in exported(LIBRARY)}, {"WAXWING_0.1"})

    def test_needs_nothing_but_libc(self):
        needed = re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", LIBRARY))
        self.assertEqual([name for name in needed if not name.startswith(("libasan.", "libubsan."))], ["libc.so.6"])

    def test_has_no_data_that_is_written_to(self):
        """No globals: these sections hold a word each of the compiler's own."""
        if "libasan" in run("readelf", "-d", LIBRARY):
            self.skipTest("the sanitizer has data of its own")
        sizes = dict(re.findall(r"^(\.data|\.bss|\.tdata|\.tbss)\s+(\d+)", run("size", "-A", LIBRARY), re.MULTILINE))
        self.assertEqual(sizes, {".data": "8", ".bss": "8"})


class Manual(unittest.TestCase):
    def test_has_every_function(self):
        text = ""
        pages = os.path.join(os.path.dirname(INCLUDE), "docs/man")
        for name in os.listdir(pages):
            if name.endswith(".3"):
                with open(os.path.join(pages, name), encoding="utf-8") as f:
                    text += f.read().partition(".Sh DESCRIPTION")[0]
        self.assertEqual(set(re.findall(r"^\.F[no] (waxwing_\w+)", text, re.MULTILINE)), declared())


class Headers(unittest.TestCase):
    """Each stands alone, and is good C99 and good C++."""

    def each(self, *command):
        for name in sorted(os.listdir(os.path.join(INCLUDE, "waxwing"))):
            with tempfile.TemporaryDirectory() as folder:
                source = os.path.join(folder, "one.c")
                with open(source, "w", encoding="ascii") as f:
                    f.write(f"#include <waxwing/{name}>\n#include <waxwing/{name}>\nextern int nothing;\n")
                run(*command, "-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-I", INCLUDE, source)

    def test_are_c99(self):
        self.each("cc", "-std=c99")

    @unittest.skipIf(shutil.which("g++") is None and shutil.which("clang") is None, "there is no compiler for C++")
    def test_are_cplusplus(self):
        self.each("g++" if shutil.which("g++") else "clang", "-x", "c++", "-std=c++11")


if __name__ == "__main__":
    unittest.main()
