#!/usr/bin/python3
"""What README.md and docs/ promise and no guide's test runs: arguments are the root of the tree and the command.

Links lead to a file, and to a heading in it; every page is in the table of docs/README.md; the subcommands of README.md
are there; what it sets in Postfix stands in docs/postfix.md, whose commands are run; docs/test-site.md is made of its table.
"""

import os
import re
import subprocess
import sys
import unittest

WAXWING = sys.argv.pop()
ROOT = os.path.abspath(sys.argv.pop())
LINK = re.compile(r"\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def text(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


def pages():
    return ["README.md", "CONTRIBUTING.md"] + [f"docs/{name}" for name in os.listdir(os.path.join(ROOT, "docs"))
                                               if name.endswith(".md")]


def anchors(page):
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


class Docs(unittest.TestCase):
    def test_links(self):
        seen = 0
        for page in pages():
            for link in LINK.findall(BLOCK.sub("", text(page))):
                if "://" in link:
                    continue
                path, _, anchor = link.partition("#")
                target = os.path.normpath(os.path.join(os.path.dirname(page), path)) if path else page
                self.assertTrue(os.path.exists(os.path.join(ROOT, target)), f"{page}: {link}")
                if anchor:
                    self.assertIn(anchor, anchors(target), f"{page}: {link}")
                seen += 1
        self.assertGreater(seen, 50)

    def test_every_page_is_in_the_table(self):
        links = LINK.findall(text("docs", "README.md"))
        linked = set(links)
        manuals = {f"man/{name}" for name in os.listdir(os.path.join(ROOT, "docs", "man")) if name[-1].isdigit()}
        guides = {page.partition("/")[2] for page in pages() if page.startswith("docs/")} - {"README.md"}
        self.assertEqual((manuals | guides) - linked, set())
        self.assertEqual(len(links), len(linked), "a page stands there twice")

    def test_the_subcommands_of_the_readme(self):
        used = set(re.findall(r"build/src/cli/waxwing ([a-z]+)", text("README.md")))
        self.assertGreater(len(used), 4)
        for command in used:
            done = subprocess.run([WAXWING, command, "--help"], capture_output=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b""), command)

    def test_the_test_site(self):
        made = subprocess.run([os.path.join(ROOT, "lab", "lab"), "site"], capture_output=True, check=True).stdout.decode()
        self.assertEqual(text("docs", "test-site.md"), made, "make it anew: lab/lab site > docs/test-site.md")

    def test_the_lines_for_postfix(self):
        blocks = "".join(BLOCK.findall(text("README.md")))
        lines = re.findall(r"^post(?:conf|map) .*$", blocks, re.MULTILINE)
        self.assertGreater(len(lines), 4)
        for line in lines:
            self.assertTrue(f"\n{line}\n" in text("docs", "postfix.md"), line)


if __name__ == "__main__":
    unittest.main()
