"""The guides of docs/, whose commands tests run as they stand there, in their order."""

import os
import re
import subprocess

from conftest import ROOT

_BLOCK = re.compile(r"^```sh( \S+)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CONDITION = re.compile(r"(\w+)(>=|<)(\d+)\.(\d+)")


class Guide:
    """A page of docs/; `versions` are those of the programs that its blocks ask for: {"postfix": (3, 7)}."""

    def __init__(self, name, versions=None):
        with open(os.path.join(ROOT, "docs", name), encoding="utf-8") as f:
            parts = f.read().split("\n## ")
        self.sections = dict(part.split("\n", 1) for part in parts[1:])
        self._versions = versions or {}

    def steps(self):
        """The commands of the numbered sections, one after the other."""
        return self._commands("".join(text for heading, text in self.sections.items() if heading[0].isdigit()))

    def commands(self, heading):
        """Those of one section. A command may go on in further lines, as in a shell."""
        return self._commands(self.sections[heading])

    def _commands(self, text):
        blocks = _BLOCK.findall(text)
        assert blocks, "the guide's blocks are not found"
        chosen = [text for condition, text in blocks if self._holds(condition.strip())]
        return [line for text in chosen for line in re.split(r"(?<!\\)\n", text) if line]

    def _holds(self, condition):
        """A block may say for which version it is: `postfix>=3.10` or `postfix<3.10`."""
        if not condition:
            return True
        program, relation, major, minor = _CONDITION.fullmatch(condition).groups()
        version, wanted = self._versions[program][:2], (int(major), int(minor))
        return version >= wanted if relation == ">=" else version < wanted


def run(command, replaced, daemon, inside=(), **environment):
    """Runs one command of a guide; what it prints. `replaced`: what stands for what the page says; `inside`: a
    command that runs it elsewhere, as ["chroot", TREE] does."""
    for said, meant in replaced.items():
        command = command.replace(said, meant)
    path = os.path.dirname(daemon.command) + ":" + os.environ["PATH"]
    done = subprocess.run([*inside, "/bin/sh", "-ec", command], capture_output=True, text=True, check=False, timeout=30,
                          env={**os.environ, "PATH": path, **environment})
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
