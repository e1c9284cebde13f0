#!/usr/bin/python3
"""Runs the public SPF suite (rfc7208-tests.yml) against the built code.

The suite lies outside of the source: $ASSAY_CONFORMANCE/spf, or ../shared/conformance/spf beside the source root.
Where it does not, this test is skipped. Every case has to give one of the results that the suite allows, and its
explanation, with the engine "assay"; with "libspf2" the figure is printed only.
"""
import os
import subprocess
import sys

import yaml

SOURCE = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("SPF_CASES", "tests/conformance/spf_cases")
SKIPPED = 77


def hexadecimal(text):
    if isinstance(text, str):
        text = text.encode("latin-1") if all(ord(c) < 256 for c in text) else text.encode("utf-8")
    return text.hex() or "-"


def joined(strings):
    return "".join(strings) if isinstance(strings, list) else str(strings)


def zone_lines(zone):
    """The suite's zone: SPF records stand for TXT where a name has no TXT; TIMEOUT hits the types without records."""
    for name, records in zone.items():
        name = hexadecimal(name)
        entries = [("TIMEOUT", None) if record == "TIMEOUT" else next(iter(record.items())) for record in records]
        has_txt = any(kind == "TXT" for kind, _ in entries)
        for kind, value in entries:
            if kind == "TIMEOUT":
                yield f"failing {name} *"
            elif value == "TIMEOUT":
                yield f"failing {name} {kind}"
            elif kind == "SPF" and has_txt or kind == "TXT" and value == "NONE":
                continue
            elif kind in ("SPF", "TXT"):
                yield f"record {name} TXT {hexadecimal(joined(value))}"
            elif kind == "MX":
                yield f"record {name} MX {hexadecimal(f'{value[0]} {value[1]}')}"
            else:
                yield f"record {name} {kind} {hexadecimal(str(value))}"


def suite_lines(scenarios, engine):
    yield f"engine {engine}"
    for number, scenario in enumerate(scenarios):
        zone = list(zone_lines(scenario["zonedata"]))
        for name, case in scenario["tests"].items():
            yield from zone
            yield (f"case {number}/{name} {hexadecimal(case['host'])} {hexadecimal(case['helo'])} "
                   f"{hexadecimal(case['mailfrom'])}")


def run(lines):
    done = subprocess.run([PROGRAM], input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True, check=True)
    answers = {}
    for line in done.stdout.splitlines():
        label, result, engine, _, _, explanation, reason = line.split(" ", 6)
        explanation = "" if explanation == "-" else bytes.fromhex(explanation).decode("ascii")
        answers[label] = (result, explanation, engine, reason)
    return answers


def check(case, answer):
    """What is wrong with an answer, or None."""
    result, explanation, _, reason = answer
    wanted = case["result"] if isinstance(case["result"], list) else [case["result"]]
    if result not in wanted:
        return f"{result} ({reason}), should be {' or '.join(wanted)}"
    if "explanation" in case:
        expected = "" if case["explanation"] == "DEFAULT" else case["explanation"]
        if explanation != expected:
            return f"explanation '{explanation}', should be '{expected}'"
    return None


def judge(scenarios, engine, show):
    answers = run(suite_lines(scenarios, engine))
    passed = total = of_libspf2 = 0
    for number, scenario in enumerate(scenarios):
        for name, case in scenario["tests"].items():
            answer = answers[f"{number}/{name}"]
            wrong = check(case, answer)
            total += 1
            passed += wrong is None
            of_libspf2 += answer[2] == "libspf2"
            if wrong and show:
                print(f"FAIL: {scenario['description']}: {name}: {wrong}")
    return passed, total, of_libspf2


def main():
    folder = os.environ.get("ASSAY_CONFORMANCE", os.path.join(SOURCE, "..", "shared", "conformance"))
    path = os.path.join(folder, "spf", "rfc7208-tests.yml")
    if not os.path.exists(path):
        print(f"SKIP: the suite is not at {path}; set ASSAY_CONFORMANCE to the folder that holds spf/")
        return SKIPPED
    with open(path, encoding="utf-8") as suite:
        scenarios = [scenario for scenario in yaml.safe_load_all(suite) if scenario]
    passed, total, _ = judge(scenarios, "assay", True)
    print(f"engine assay: {passed} of {total}")
    other, _, spoke = judge(scenarios, "libspf2", "-v" in sys.argv)
    print(f"engine libspf2: {other} of {total} (libspf2 itself judged {spoke}, assay the rest)")
    return 0 if passed == total > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
