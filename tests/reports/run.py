#!/usr/bin/python3
"""run.py - aggregate reports from the store to the sendmail command: what is sent, to whom, when, and what if not.

    tests/reports/run.py [--build FOLDER] [WORDS...]     only cases whose name has a word

One line a case, see tests/support/tap.py. Nothing leaves the machine: the sendmail command is a script of the test's.
"""
import argparse
import sys

import bench  # it knows where the modules of tests/support are
# pylint: disable=wrong-import-order
import assayd
import lab as lab_module
import outbox
import sending  # noqa: F401  pylint: disable=unused-import
import running  # noqa: F401  pylint: disable=unused-import
import tap


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", help="the folder with assayd, assay and tests/support/report_rows")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    report = tap.Tap("reports")
    build = assayd.build_folder(options.build)
    missing = outbox.program_missing(build)
    if missing:
        report.skip("reports", missing)
        return 77
    lab_module.stop_on_signals()
    with lab_module.Lab("reports") as lab:
        this = bench.Bench(lab, build)
        for function in bench.CASES:
            name = function.__name__.replace("_", " ")
            if not options.words or any(word in name for word in options.words):
                report.case(name, function, this)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
