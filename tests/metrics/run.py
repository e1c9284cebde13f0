#!/usr/bin/python3
"""run.py - watching the daemon: what it counts, how it is served, assay status, the dashboard and the alerts.

    tests/metrics/run.py [--build FOLDER] [--slow] [WORDS...]     only cases whose name has a word

--slow makes the large cases smaller, for builds with sanitizers. The thread sanitizer takes what libmilter does at the exit
for a race where no mail came: with it, name cases that have some. One line a case, see tests/support/tap.py.
"""
import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import bench  # noqa: E402  it knows where the modules of tests/support are
# pylint: disable=wrong-import-position,wrong-import-order,unused-import
import assayd  # noqa: E402
import lab as lab_module  # noqa: E402
import tap  # noqa: E402
import counting  # noqa: E402,F401
import documents  # noqa: E402,F401
import serving  # noqa: E402,F401


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", help="the folder with assayd, assay and tests/support/report_rows")
    parser.add_argument("--slow", action="store_true", help="less of everything")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    report = tap.Tap("metrics")
    folder = assayd.build_folder(options.build)
    lab_module.stop_on_signals()
    with lab_module.Lab("metrics") as lab:
        this = bench.wire.Bench(lab, folder, options.slow)
        this.folder = folder
        for function in bench.CASES:
            name = function.__name__.replace("_", " ")
            if not options.words or any(word in name for word in options.words):
                report.case(name, function, this)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
