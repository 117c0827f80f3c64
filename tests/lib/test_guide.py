#!/usr/bin/python3
"""test_guide.py GUIDE INCLUDE: the C code of docs/library.md compiles as it stands there, one block behind the other."""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

# What a program around it has.
AROUND = """\
#include <stdio.h>
#define log(...) ((void)printf(__VA_ARGS__))
enum { DEFER = 75 };
void send_the_message(void);
int guide(const char *host, const char *const *names, size_t name_count);
int guide(const char *host, const char *const *names, size_t name_count)
{
    int offered = 1, completed = 1, match = 0;
    unsigned version = 0x0304, usage = 3;
    enum waxwing_certificate certificate = WAXWING_CERTIFICATE_TRUSTED;
    for (int i = 0; i < 1; i++) {
"""

guide, include = Path(sys.argv[1]), sys.argv[2]
blocks = re.findall(r"^```c\n(.*?)^```$", guide.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
if len(blocks) != 2:
    sys.exit(f"{guide} has {len(blocks)} blocks of C, not 2")
code = "".join(blocks)
includes = "".join(re.findall(r"^#include .*\n", code, re.MULTILINE))
body = re.sub(r"^#include .*\n", "", code, flags=re.MULTILINE)
with tempfile.TemporaryDirectory() as folder:
    source = Path(folder, "guide.c")
    source.write_text(includes + AROUND + body + "    }\n    return 0;\n}\n", encoding="utf-8")
    done = subprocess.run(["cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers", "-fsyntax-only",
                           "-I", include, str(source)], check=False)
sys.exit(done.returncode)
