"""The one table: a row for each value, beside its limit, the ratio of the two and what the ratio should be."""

import json
import os
import statistics

_FAR_BELOW = 0.6
_LINE = "{:<48} {:>12} {:>12} {:>7}  {}"


class Target:
    """What a ratio has to be."""

    def __init__(self, text, met):
        self.text = text
        self.met = met


def at_least(ratio):
    return Target(f">= {ratio}", lambda r: r >= ratio)


def at_most(ratio):
    return Target(f"<= {ratio}", lambda r: r <= ratio)


class Table:
    """Prints each row as it comes. Values are medians of runs; all runs go into the JSON."""

    def __init__(self, reference):
        self.rows = []
        self.notes = []
        self._reference = reference

    def begin(self):
        print(_LINE.format("name", "value", "limit", "ratio", "target"), flush=True)

    def add(self, name, values, limits, target=None, slow=False):
        """`slow`: the limit was, so that a target that is met proves nothing."""
        value, limit = statistics.median(values), statistics.median(limits)
        ratio = round(value / limit, 3) if limit else None
        met = target.met(ratio) if target and ratio is not None else None
        self.rows.append({"name": name, "value": value, "limit": limit, "ratio": ratio,
                          "target": target.text if target else None, "met": met, "slow_limit": slow,
                          "values": list(values), "limits": list(limits)})
        word = "MISSED" if not met else "met, beside a slow limit" if slow else "met"
        verdict = "" if met is None else f"{target.text} {word}"
        print(_LINE.format(name, _number(value), _number(limit), "-" if ratio is None else f"{ratio:.2f}", verdict),
              flush=True)

    def is_slow(self, part, name, rates):
        """True when a limit stays far below what it reached on the machine of reference.toml; that is noted."""
        rate, known = statistics.median(rates), self._reference[part][name]
        slow = rate < _FAR_BELOW * known
        if slow:
            self.note(f"the limit of {part} {name} reached {rate:,.0f} a second, and {known:,} on "
                      f"{self._reference['machine']}: beside a slow limit a ratio flatters")
        return slow

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def end(self, path):
        for text in self.notes:
            print("note: " + text)
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"machine": machine(), "rows": self.rows, "notes": self.notes}, f, indent=1)
            f.write("\n")


def in_turn(things, turn):
    """Every second time from behind: whoever always comes first fares otherwise than the others."""
    return list(things)[::-1 if turn % 2 else 1]


def add_without_dane(out, name, values, without, cpu_words):
    """Rows of what DANE costs: in the place of the limit stands the same with `dane = "off"`."""
    for key, words in (("rate", "a second"), ("cpu", cpu_words)):
        out.add(f"{name} / dane off: {words}", [v[key] for v in values], [v[key] for v in without])


def _number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        models = [line.partition(":")[2].strip() for line in f if line.startswith("model name")]
    return {"cores": os.cpu_count(), "cpu": models[0] if models else "unknown", "kernel": os.uname().release}
