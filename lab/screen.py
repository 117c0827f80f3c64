"""What the demo shows: headings, sentences and verdicts; with colour on a terminal, plain in a pipe."""

import os
import shutil
import sys
import textwrap

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_LABEL = 17


class Screen:
    """Prints to stdout, line by line, so that one can watch."""

    def __init__(self):
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        unicode = (sys.stdout.encoding or "").lower().startswith("utf")
        self._good, self._bad, self._rule = ("✔", "✘", "━") if unicode else ("ok", "!!", "=")
        self._width = min(shutil.get_terminal_size((88, 24)).columns, 100)

    def title(self, text):
        self._print(self._style(text, "bold"))

    def heading(self, text):
        """A new part."""
        rule = self._rule * max(3, self._width - len(text) - 4)
        self._print(f"\n{self._style(self._rule * 2 + ' ' + text, 'bold', 'cyan')} {self._style(rule, 'dim')}")

    def text(self, text):
        """A sentence for people."""
        self._print(textwrap.fill(text, self._width - 2, initial_indent="  ", subsequent_indent="  "))

    def fact(self, label, text, *styles):
        """A line that says what somebody said or did."""
        wrapped = textwrap.wrap(text, self._width - _LABEL - 4) or [""]
        self._print(f"  {self._style(f'{label:{_LABEL}}', 'dim')}{self._style(wrapped[0], *styles)}")
        for line in wrapped[1:]:
            self._print(" " * (_LABEL + 2) + self._style(line, *styles))

    def verdict(self, label, text, good):
        """How it ended for the mail: good, or a harm done."""
        mark, colour = (self._good, "green") if good else (self._bad, "red")
        self.fact(label, f"{mark} {text}", colour)

    def space(self):
        self._print("")

    def _style(self, text, *styles):
        if not self._colour or not styles:
            return text
        return f"\033[{';'.join(_STYLES[s] for s in styles)}m{text}\033[0m"

    @staticmethod
    def _print(text):
        print(text, flush=True)
