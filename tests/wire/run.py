#!/usr/bin/python3
"""run.py - the real daemon over its socket: each case starts an assayd of its own and speaks the milter protocol.

    tests/wire/run.py [--build FOLDER] [--slow] [--only GROUP] [WORDS...]     only cases whose name has a word

--slow makes the large cases smaller, for builds with sanitizers. Some cases need root; they are skipped otherwise.
One line a case, see tests/support/tap.py. bench.py in this folder says what a case looks like.
"""
import argparse
import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
# pylint: disable=wrong-import-position
import bench as bench_module  # noqa: E402
import assayd  # noqa: E402
import lab as lab_module  # noqa: E402
import tap  # noqa: E402

MODULES = ("verdicts", "connections", "miltertest", "reloads", "stops", "starts", "limits", "troubles", "threads", "signing")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", help="the folder with assayd and assay")
    parser.add_argument("--slow", action="store_true", help="less of everything")
    parser.add_argument("--only", help="one group of cases", choices=MODULES)
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    for module in MODULES:
        importlib.import_module("wire_" + module)
    lab_module.stop_on_signals()
    report = tap.Tap("wire")
    with lab_module.Lab("wire") as lab:
        bench = bench_module.Bench(lab, assayd.build_folder(options.build), options.slow)
        for case in bench_module.CASES:
            if (options.only and case.group != options.only) or \
                    (options.words and not any(word in case.name for word in options.words)):
                continue
            if case.root and not bench_module.is_root():
                report.skip(f"{case.group}: {case.name}", "needs root")
                continue
            report.case(f"{case.group}: {case.name}", case.function, bench)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
