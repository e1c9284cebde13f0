#!/usr/bin/python3
"""modules.py - which tests a module has, as the table of tests/README.md.

    tests/modules.py             prints the table
    tests/modules.py --update    puts it into tests/README.md

A test belongs to a module if it includes the module's header, or is named after it. Steps of
tests/run.sh are named for folders, since they run whole programs.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))
import marked  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parents[1]
PART = marked.Marked(ROOT / "tests" / "README.md", "tests/modules.py")
KINDS = ("unit", "fuzz", "conformance")
MAX_USERS = 6       # a header that more tests include is a tool of theirs

# The steps of tests/run.sh that meet a folder's code from outside, the most telling first.
STEPS = {
    "filter/tool/common": "check (tool/run.py)",
    "filter/recorder": "reports, wire",
    "filter/received": "received, wire, mta-received",
    "filter/store": "reports",
    "filter/rows": "reports",
    "filter/monitoring": "metrics",
    "filter/daemon": "wire, package",
    "filter/session": "messages, wire, log",
    "filter/base": "log, wire",
    "policies/fields": "messages, check (conformance/results_authres.py)",
    "policies/decision": "messages, examples",
    "policies/base": "check",
    "policies": "messages, examples",
    "policies/crypto": "messages, import",
    "policies/arc": "messages, check (conformance/arc_suite.py, conformance/arc_differential.py)",
    "policies/dkim": "messages, check (conformance/dkim_differential.py)",
    "policies/dmarc": "messages, check (conformance/dmarc_model.py)",
    "policies/results": "messages, check (conformance/results_authres.py)",
    "policies/sign": "messages, mta-submission, check (conformance/sign_differential.py)",
    "policies/spf": "messages, check (conformance/spf_suite.py)",
    "filter": "wire, log, mta, package",
    "filter/dns": "dnssec, wire",
    "filter/metrics": "metrics",
    "filter/report": "reports, mta-reports",
    "filter/review": "check (tool/review.py)",
    "filter/settings": "check (tool/run.py, tool/manual.py)",
    "filter/tool": "check (tool/run.py, tool/completion.py)",
    "filter/tool/check": "messages, check (tool/run.py)",
    "filter/tool/config": "check (tool/run.py)",
    "filter/tool/dns": "dns",
    "filter/tool/import": "import",
    "filter/tool/key": "check (tool/run.py), mta-submission",
    "filter/tool/manual": "check (tool/manual.py)",
    "filter/tool/report": "reports, sources, received",
    "filter/tool/held": "mta",
    "filter/tool/status": "metrics",
    "filter/tool/web": "web",
    "filter/web": "web",
}


def includes():
    """{header: tests that include it}, by the header's path from the top."""
    users = {}
    for kind in KINDS:
        for test in sorted((ROOT / "tests" / kind).glob("*.c")):
            text = test.read_text(encoding="utf-8")
            for name in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE):
                for room in ("policies", "filter"):
                    if (ROOT / room / name).exists():
                        users.setdefault(f"{room}/{name}", []).append(test)
    return users


def tests_of(module, users):
    stem = module.stem
    named = [ROOT / "tests" / kind / f"{stem}{ending}.c"
             for kind, ending in (("unit", "_test"), ("fuzz", "_fuzz"))]
    found = [test for test in named if test.exists()]
    including = users.get(str(module.with_suffix(".h").relative_to(ROOT)), [])
    if len(including) <= MAX_USERS:
        found += [test for test in including if test not in found]
    return [("conformance/" if test.parent.name == "conformance" else "") + test.stem
            for test in found]


def folders():
    """{folder: its modules}, policies first."""
    found = {}
    for room in ("policies", "filter"):
        for source in (ROOT / room).rglob("*.c"):
            found.setdefault(str(source.parent.relative_to(ROOT)), []).append(source)
    return {folder: sorted(found[folder])
            for folder in sorted(found, key=lambda name: (name.startswith("filter"), name))}


def table():
    users, lines = includes(), ["| module | tests |", "|---|---|"]
    for folder, modules in folders().items():
        lines.append(f"| **{folder}/** | {STEPS.get(folder, '')} |")
        for module in modules:
            tests = tests_of(module, users)
            if tests:
                lines.append(f"| {module.stem} | {', '.join(tests)} |")
    return "\n".join(lines) + "\n"


def wrong(steps):
    """Sentences about what is not up to date; `steps` are the names that tests/run.sh knows."""
    found = []
    if PART.read() != table():
        found.append("the table in tests/README.md is out of date: run tests/modules.py --update")
    here = set(folders())
    found += [f"tests/modules.py names no step for {folder}" for folder in sorted(here - set(STEPS))]
    found += [f"tests/modules.py: there is no folder {name}" for name in sorted(set(STEPS) - here)]
    for folder, words in STEPS.items():
        for name in re.sub(r"\([^)]*\)", "", words).split(","):
            if name.strip() not in steps:
                found.append(f"tests/modules.py: there is no step {name.strip()} ({folder})")
        for names in re.findall(r"\(([^)]*)\)", words):
            found += [f"tests/modules.py: there is no tests/{name}" for name in names.split(", ")
                      if not (ROOT / "tests" / name).exists()]
    return found


if __name__ == "__main__":
    sys.exit(PART.main(table, __doc__))
