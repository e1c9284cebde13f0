#!/usr/bin/python3
"""manual.py - the manual pages and the sample of the settings are as the program prints them, and mandoc finds no fault.

    tests/tool/manual.py [--build FOLDER] [--update]

Between `.\\" begin PART` and `.\\" end PART` of a page stands what `assay help --manual PART` prints. --update puts it
there (`make manual`); without it, one line a case, see tests/support/tap.py.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))
import tap  # noqa: E402  pylint: disable=wrong-import-position

PAGES = ("filter/assayd.8", "filter/assay.conf.5", "filter/tool/assay.1")
SAMPLE = "filter/assay.conf.sample"
PART = re.compile(r'^(\.\\" begin (\w+) [^\n]*\n)(.*?)^(\.\\" end \2\n)', re.MULTILINE | re.DOTALL)
RENEW = "settings or subcommands changed: run `make manual` and commit what it changes"


def printed(program, *words):
    return subprocess.run([str(program), *words], stdout=subprocess.PIPE, check=True).stdout.decode()


def renewed(program, text):
    """A page with its parts as the program prints them."""
    return PART.sub(lambda part: part[1] + printed(program, "help", "--manual", part[2]) + part[4], text)


def documents(build):
    """(name, actual text, expected text)"""
    program = build / "assay"
    for name in PAGES:
        text = (ROOT / name).read_text(encoding="utf-8")
        yield name, text, renewed(program, text)
    yield SAMPLE, (ROOT / SAMPLE).read_text(encoding="utf-8"), printed(program, "config", "--sample")


def update(build):
    for name, text, wanted in documents(build):
        if text != wanted:
            (ROOT / name).write_text(wanted, encoding="utf-8")
            print(f"{name} is renewed")


def compare(report, build):
    for name, text, wanted in documents(build):
        report.check(f"{name} is as the program prints it", text == wanted, RENEW)


def lint(report):
    for name in (*PAGES, "contrib/postfix/assay-postfix.8"):
        if shutil.which("mandoc") is None:
            report.skip(f"mandoc has no complaint about {name}", "mandoc is not installed")
            continue
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "style", str(ROOT / name)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        words = done.stdout.decode(errors="replace")
        # whether other pages are installed does not matter
        words = "\n".join(line for line in words.splitlines()
                          if "referenced manual not found" not in line and "mandoc.db" not in line)
        report.check(f"mandoc has no complaint about {name}", words == "", words)


def options_of_assayd(report, build):
    """The daemon's page is written by hand: it has to name each option, and no other."""
    page = (ROOT / "filter/assayd.8").read_text(encoding="utf-8")
    listed = re.findall(r"^  (-\S+)", printed(build / "assayd", "--help"), re.MULTILINE)
    shown = re.findall(r"^\.It Fl (\S+)", page, re.MULTILINE)
    report.check("assayd.8 explains the options of assayd --help",
                 sorted({*listed, "--help"}) == sorted("-" + name for name in shown),
                 f"assayd --help has {listed}, filter/assayd.8 has {shown}; mend filter/assayd.8 or filter/daemon/options.c")


def subcommands_have_words(report, build):
    """Each of them has its output explained, or prints nothing but a sentence."""
    page = (ROOT / "filter/tool/assay.1").read_text(encoding="utf-8")
    output = page[page.index(".Sh OUTPUT"):page.index(".Sh ENVIRONMENT")]
    names = re.findall(r"^\.Ss assay (\w+)$", printed(build / "assay", "help", "--manual", "subcommands"), re.MULTILINE)
    missing = [name for name in names if name != "help" and f".Ss assay {name}\n" not in output]
    report.check("assay.1 explains what each subcommand prints", not missing,
                 f"write a subsection `.Ss assay {'`, `.Ss assay '.join(missing)}` under OUTPUT in filter/tool/assay.1")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(os.environ.get("ASSAY_BUILD", ".")))
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    build = options.build.resolve()
    if options.update:
        update(build)
        return 0
    report = tap.Tap("manual")
    compare(report, build)
    lint(report)
    options_of_assayd(report, build)
    subcommands_have_words(report, build)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
