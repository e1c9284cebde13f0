#!/usr/bin/python3
"""Runs the public ARC suite's tests of validation against the built code.

The suite, arc-draft-validation-tests.yml, lies outside of the source: $ASSAY_CONFORMANCE/arc, or
../shared/conformance/arc beside the source root. Where it does not, this test is skipped. It was
made for a draft; where RFC 8617 says something else, EXCEPTIONS has what is expected, and why.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

SOURCE = os.environ.get("srcdir", os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("ARC_VERIFY", "tests/conformance/arc_verify")
SKIPPED = 77

NO_RESULT = (
    "the suite has no result (draft-era); RFC 8617 5.2 steps 2 and 3C: a chain with cv=fail fails"
)
EXCEPTIONS = {
    "cv_fail_i1_as_cv_fail": ("fail", NO_RESULT),
    "cv_fail_i2_as2_fail": ("fail", NO_RESULT),
    "cv_fail_i2_as1_fail": ("fail", NO_RESULT),
    "ams_fields_c_na": (
        "fail",
        (
            "without c= the form is simple/simple (RFC 6376 3.5, by RFC 8617 4.1.2), and in that"
            " form b= does not verify"
        ),
    ),
    "ams_fields_h_empty": (
        "fail",
        "h= has to name From (RFC 6376 5.4); a signature over no field fits any header",
    ),
}
# Where the suite is followed, though RFC 8617 could be read otherwise.
KEPT = {
    "ams_fields_h_mis_hdr": "an empty name in h= is no hdr-name (RFC 6376 3.5), but harmless",
    "ams_fields_h_includes_ams": (
        "4.1.2 forbids sealers to name it; 5.2 does not have validators look"
    ),
    "ams_fields_h_includes_as": "4.1.2, and each hop adds a seal",
    "as_format_tags_unknown": (
        "4.1.3 has no further tags, RFC 6376 3.2 ignores those that it does not know"
    ),
}


def expected(name, case):
    return EXCEPTIONS[name][0] if name in EXCEPTIONS else str(case["cv"]).lower()


def zone_text(scenario):
    return "".join(
        f"{name} TXT {''.join(str(text).split(chr(10)))}\n"
        for name, text in (scenario.get("txt-records") or {}).items()
    )


def cases(scenarios):
    for number, scenario in enumerate(scenarios):
        for name, case in scenario["tests"].items():
            yield number, name, case


def write(folder, scenarios):
    lines = []
    for number, scenario in enumerate(scenarios):
        (folder / f"zone{number}").write_text(zone_text(scenario))
    for number, name, case in cases(scenarios):
        message = folder / f"{number}-{name}"
        message.write_bytes(
            (case["message"] or "").replace("\r\n", "\n").replace("\n", "\r\n").encode()
        )
        lines.append(f"{message}\t{folder}/zone{number}\n")
    return lines


def run(scenarios, chunk):
    with tempfile.TemporaryDirectory() as name:
        lines = write(pathlib.Path(name), scenarios)
        done = subprocess.run(
            [PROGRAM, str(chunk)],
            input="".join(lines),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    return done.stdout.splitlines()


def judge(scenarios, chunk):
    passed = total = 0
    seen = set()
    for (_, name, case), answer in zip(cases(scenarios), run(scenarios, chunk), strict=True):
        result, reason = answer.split(" ", 3)[0], answer.split(" ", 3)[3]
        total += 1
        seen.add(name)
        passed += result == expected(name, case)
        if "-v" in sys.argv:
            print(f"{name}: {answer}")
        if result != expected(name, case):
            print(
                f"FAIL: {name} ({case.get('description')}): {result} ({reason}), should be"
                f" {expected(name, case)}"
            )
    unknown = (set(EXCEPTIONS) | set(KEPT)) - seen
    if unknown:
        print(f"FAIL: the suite does not have {', '.join(sorted(unknown))}")
    return passed, total, not unknown


def main():
    folder = os.environ.get(
        "ASSAY_CONFORMANCE", os.path.join(SOURCE, "..", "shared", "conformance")
    )
    path = os.path.join(folder, "arc", "arc-draft-validation-tests.yml")
    if not os.path.exists(path):
        print(
            f"SKIP: the suite is not at {path}; set ASSAY_CONFORMANCE to the folder that holds arc/"
        )
        return SKIPPED
    with open(path, encoding="utf-8") as suite:
        scenarios = [scenario for scenario in yaml.safe_load_all(suite) if scenario]
    good = True
    for chunk in (65535, 7):
        passed, total, known = judge(scenarios, chunk)
        print(f"validation, body in pieces of {chunk}: {passed} of {total}")
        good = good and known and passed == total > 0
    for name, (result, why) in EXCEPTIONS.items():
        print(f"expected otherwise than by the suite: {name}: {result}: {why}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
