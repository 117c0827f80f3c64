#!/usr/bin/python3
"""mutate.py: breaks the decision at every place, one at a time, and sees whether a cell of the tables fails for each.

Conditions are turned round, operators swapped, cases and statements taken away, results changed, in judge.c, in_force.c,
decision.c, domain_decision.c, domain_dane.c and rule_table.h of src/core. A mutant that all of TESTS let live is printed, and the exit status is 1.
"""
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CC = os.environ.get("CC", "gcc")
FLAGS = ["-std=gnu11", "-D_GNU_SOURCE", "-O0", "-Werror=switch-enum", f"-I{ROOT}/src", f"-I{ROOT}/tests/core"]
HERE = ROOT / "tests/core"
# (sources, arguments): the tables first; the others know the words, and what is told beside the decision.
TESTS = [
    ([HERE / "test_decision_space.c", HERE / "space.c"], [HERE / "policy_space.csv", HERE / "decision_space.csv"]),
    ([HERE / "test_domain_decision.c", HERE / "space.c"], [HERE / "domain_decision_space.csv"]),
    ([HERE / "test_decision.c"], []),
    ([HERE / "test_domain_dane.c"], []),
    ([HERE / "test_in_force.c"], []),
    ([HERE / "test_judge.c"], []),
    ([HERE / "test_rule.c"], []),
]
# The words for people are not what the tables are about.
WORDS = re.compile(r"^(static void put_(sts|dane)|void ww_judge_put_why|const char \*ww_(action|level|domain_mx)_name)\(.*?^}$", re.M | re.S)

# (what is found, what replaces it): each place of each is a mutant of its own.
EDITS = [
    (r"==", "!="), (r"!=", "=="), (r"&&", "||"), (r"\|\|", "&&"), (r" >= ", " > "), (r" >= ", " < "),
    (r" < ", " <= "), (r" < ", " >= "), (r"(?<=[( ])!(?=[a-z])", ""), (r"\btrue\b", "false"), (r"\bfalse\b", "true"),
    (r"\bif \((?=[^\n]*\)( \{)?$)", "if (0 && "), (r"^ +case \w+:\n(?=( +case| +return))", ""),
    (r"(?<=return )WW_RULE_\w+(?=;)", "WW_RULE_DANE_ABSENT"), (r"WW_RESULT_(?!NONE)\w+(?=;)", "WW_RESULT_NONE"),
    (r"(?<=decide\(&j, )WW_ACTION_DELIVER", "WW_ACTION_SKIP"), (r"(?<=decide\(&j, )WW_ACTION_SKIP", "WW_ACTION_DELIVER"),
    (r"WW_POLICY_TYPE_(TLSA|NONE)(?=, )", "WW_POLICY_TYPE_STS"), (r"WW_POLICY_TYPE_STS(?=, )", "WW_POLICY_TYPE_TLSA"),
    (r"^    +f\.\w+ = .*;$", ";"), (r"^        cached = NULL;$", ";"), (r"^    j->\w+ = .*;$", ";"),
    (r" \? ([^:;]+) : ([^;]+);", r" ? \2 : \1;"), (r"mx->host\b", "delivery->next_hop"),
    (r"delivery->next_hop", "mx->host"), (r"has_record\(d\)", "(!has_record(d))"),
]
DOMAIN_EDITS = [
    *EDITS, (r"WW_LEVEL_(?!DANE\b)[A-Z_]+(?=[,;\n])", "WW_LEVEL_DANE"), (r"WW_LEVEL_DANE(?=[,;\n])", "WW_LEVEL_NONE"),
    (r"WW_RULE_(?!NO_POLICY)\w+(?=[);,])", "WW_RULE_NO_POLICY"), (r"t->(usable|unusable|free|failing|allowed)\b(?!\+)", "t->all"),
    (r"t->(usable|unusable|free|failing|allowed)\+\+;", ";"), (r" \+ ", " - "), (r"earlier\((until|a), ", "("),
    (r"^ +\w+[.>-]+(among|rule|reason|level|policy|listed|override|until) = .*;$", ";"), (r"return blind\(", "return without_enforced("),
    (r"= c->dane->more\b", "= 0"), (r"(?<=return )\*base", "decided(base, WW_LEVEL_DANE, base->rule)"),
    (r"\bwithout_enforced(?=\(base, &t\);)", "blind"), (r"^        return (without_knowledge|by_hosts)\(c, base\);", "        return *base;"),
    (r"\.override = \w[\w>-]*(?=[,}])", ".override = NULL"), (r"->hosts\[\(\*pos\)\+\+\]", "->hosts[(*pos)++ * 0]"),
]
TABLE_EDITS = [
    (r"(?<=WW_RULE\()(\w+), NONE", r"\1, VALIDATION_FAILURE"), (r"(?<=WW_RULE\()(\w+), (?!NONE)\w+", r"\1, NONE"),
    (r"(RFC \d+ section \d)", r"\g<1>1"),
]


def mutants(name, edits):
    text = (ROOT / "src/core" / name).read_text()
    skipped = [m.span() for m in WORDS.finditer(text)]
    for pattern, replacement in edits:
        for m in re.finditer(pattern, text, re.M):
            line = text.count("\n", 0, m.start()) + 1
            start = text.rfind("\n", 0, m.start()) + 1
            if any(a <= m.start() < b for a, b in skipped) or text[start:].lstrip().startswith(("/*", "*", "#")):
                continue
            if m.expand(replacement) == m.group():
                continue
            changed = text[:m.start()] + m.expand(replacement) + text[m.end():]
            yield name, line, text[start:].split("\n", 1)[0].strip(), m.group().strip(), m.expand(replacement).strip(), changed


def compile_to(folder, source, flags=()):
    target = Path(folder) / (Path(source).stem + ".o")
    subprocess.run([CC, *FLAGS, *flags, "-c", source, "-o", target], check=True, capture_output=True)
    return target


def dies(where, objects, arguments):
    subprocess.run([CC, *objects, "-lcmocka", "-o", where / "test"], check=True)
    try:
        done = subprocess.run([where / "test", *arguments], capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def outcome(number, mutant, folder, library, tests):
    """'killed', 'alive' or 'no program'."""
    name, changed = mutant[0], mutant[-1]
    where = Path(folder) / str(number)
    (where / "core").mkdir(parents=True)
    (where / "core" / name).write_text(changed)
    source = where / "core" / name if name.endswith(".c") else ROOT / "src/core/rule.c"
    try:
        fresh = compile_to(where, source, ["-iquote", where])
    except subprocess.CalledProcessError:
        return "no program"
    rest = [fresh, *(o for o in library if o.name != fresh.name)]
    killed = any(dies(where, [*objects, *rest], arguments) for objects, arguments in tests)
    return "killed" if killed else "alive"


def main():
    todo = [*mutants("judge.c", EDITS), *mutants("in_force.c", EDITS),
            *(m for name in ("decision.c", "domain_decision.c", "domain_dane.c") for m in mutants(name, DOMAIN_EDITS)),
            *mutants("rule_table.h", TABLE_EDITS)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        sources = [*(ROOT / "src/core").glob("*.c"), *(ROOT / "src/base").glob("*.c")]
        library = list(pool.map(lambda s: compile_to(folder, s), sources))
        tests = [([compile_to(folder, s) for s in files], arguments) for files, arguments in TESTS]
        if any(dies(Path(folder), [*objects, *library], arguments) for objects, arguments in tests):
            sys.exit("a test fails without any mutant")
        results = list(pool.map(lambda n: outcome(n, todo[n], folder, library, tests), range(len(todo))))
    for mutant, result in zip(todo, results):
        if result == "alive" or "-v" in sys.argv:
            print(f"{result}: {mutant[0]}:{mutant[1]}: {mutant[2]}\n    {mutant[3]!r} -> {mutant[4]!r}")
    count = {r: results.count(r) for r in ("killed", "alive", "no program")}
    print(f"{len(todo)} mutants: {count['killed']} killed, {count['alive']} alive, {count['no program']} that do not compile")
    return 1 if count["alive"] else 0


if __name__ == "__main__":
    sys.exit(main())
