"""Reads Prometheus's text format 0.0.4, and takes nothing that is not exactly so."""

import math
import re

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (\+Inf|NaN|-?[0-9]+(?:\.[0-9]+)?)")
_TYPES = ("counter", "gauge", "histogram")
# Counters by what went wrong: nothing has, until it has.
_MAY_BE_EMPTY = ("_errors_total", "_failures_total", "_collect_refused_total")
_SUFFIXES = {"counter": ("",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


class Metrics:
    """All samples of one scrape: by name, the labels and the values."""

    def __init__(self, text):
        assert text.endswith("\n"), "the last line has no end"
        self.types, self.samples, self._help = {}, {}, {}
        family = None
        for line in text[:-1].split("\n"):
            if line.startswith("# HELP "):
                family = self._begin(line)
            elif line.startswith("# TYPE "):
                self._type(line, family)
            else:
                self._sample(line, family)
        for name in self.types:
            assert any(s in self.samples for s in self._names(name)) or name.endswith(_MAY_BE_EMPTY), \
                f"{name} has no sample"
            if self.types[name] == "histogram":
                self._check_histogram(name)

    def _begin(self, line):
        name, _, words = line.removeprefix("# HELP ").partition(" ")
        assert re.fullmatch(_NAME, name) and words, line
        assert name not in self._help, f"{name} stands twice"
        self._help[name] = words
        return name

    def _type(self, line, family):
        name, kind = line.removeprefix("# TYPE ").split(" ")
        assert name == family and kind in _TYPES and name not in self.types, line
        assert (kind == "counter") == name.endswith("_total"), line
        self.types[name] = kind

    def _names(self, family):
        return [family + suffix for suffix in _SUFFIXES[self.types[family]]]

    def _sample(self, line, family):
        match = _SAMPLE.fullmatch(line)
        assert match, f"not a sample: {line!r}"
        name, labels, number = match[1], match[2] or "", match[match.lastindex]
        assert name in self._names(family), f"{name} stands below {family}"
        pairs = tuple(sorted(re.findall(_LABEL, labels)))
        assert len({key for key, _ in pairs}) == len(pairs), line
        seen = self.samples.setdefault(name, {})
        assert pairs not in seen, f"twice: {line}"
        seen[pairs] = float(number.replace("Inf", "inf"))

    def _check_histogram(self, name):
        ends = [(float(dict(pairs)["le"].replace("Inf", "inf")), value)
                for pairs, value in self.samples[name + "_bucket"].items()]
        assert ends == sorted(ends) and ends[-1][0] == math.inf, name
        counts = [value for _, value in ends]
        assert counts == sorted(counts), f"{name} is not cumulative"
        assert counts[-1] == self.value(name + "_count"), name

    def value(self, name, **labels):
        """The sum of all samples that have these labels."""
        return sum(value for pairs, value in self.samples.get(name, {}).items() if labels.items() <= dict(pairs).items())
