#!/usr/bin/python3
"""coverage.py - how many lines of the sources the tests have run.

    tests/coverage.py BUILD SOURCE      after tests in a build with gcc --coverage; `make coverage`

Prints a line a folder, the files with most lines that no test runs, and whether the shares suffice.
"""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))
import tap  # noqa: E402  pylint: disable=wrong-import-position

SHARES_MIN = {"": 95.0, "policies": 97.0}       # per cent of the lines below a folder
FILES_SHOWN = 25


def measured(build, source):
    """(name, lines, lines run) of each file."""
    done = subprocess.run(["gcovr", "--root", source, "--object-directory", build, "--filter", f"{source}/policies/",
                           "--filter", f"{source}/filter/", "--json-summary", "-j", str(os.cpu_count() or 2),
                           "--gcov-ignore-parse-errors", build],
                          stdout=subprocess.PIPE, check=True, cwd=build)
    return [(one["filename"], one["line_total"], one["line_covered"]) for one in json.loads(done.stdout)["files"]]


def share(files, below=""):
    """Lines, lines run and per cent of the files below a folder."""
    chosen = [one for one in files if not below or one[0].startswith(below + "/")]
    lines, covered = (sum(one[column] for one in chosen) for column in (1, 2))
    return lines, covered, 100.0 * covered / lines if lines else 0.0


def main():
    build, source = (str(pathlib.Path(name).resolve()) for name in sys.argv[1:3])
    files = measured(build, source)
    report = tap.Tap("coverage")
    for folder in sorted({str(pathlib.Path(one[0]).parent) for one in files}):
        lines, covered, part = share(files, folder)
        print(f"# {folder:<24} {covered:>6} of {lines:>6} lines {part:6.1f} %")
    print("# the files with most lines that no test runs:")
    for name, lines, covered in sorted(files, key=lambda one: one[2] - one[1])[:FILES_SHOWN]:
        print(f"# {name:<44} {lines - covered:>4} of {lines:>4}")
    for folder, least in SHARES_MIN.items():
        lines, covered, part = share(files, folder)
        report.check(f"{folder or 'all folders'}: {covered} of {lines} lines, {part:.1f} %", part >= least,
                     f"less than {least} %")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
