#!/usr/bin/python3
"""run.py - watching the daemon: what it counts, how it is served, assay status, the dashboard and the alerts.

    tests/metrics/run.py [--build FOLDER] [--slow] [WORDS...]     only cases whose name has a word
    tests/metrics/run.py [--build FOLDER] --update                writes the list of metrics into contrib/prometheus/README.md

--slow makes the large cases smaller, for builds with sanitizers. The thread sanitizer takes what libmilter does at the exit
for a race where no mail came: with it, name cases that have some. One line a case, see tests/support/tap.py.
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import bench  # noqa: E402  it knows where the modules of tests/support are
# pylint: disable=wrong-import-position,wrong-import-order,unused-import
import suite  # noqa: E402
import counting  # noqa: E402,F401
import documents  # noqa: E402
import serving  # noqa: E402,F401


def main():
    parser = suite.parser(__doc__)
    parser.add_argument("--slow", action="store_true", help="less of everything")
    parser.add_argument("--update", action="store_true", help="write the list of metrics into contrib/prometheus/README.md")
    options = parser.parse_args()
    if options.update:
        options.words = ["documentation lists"]
        documents.UPDATE.append(True)
    return suite.run("metrics", options, bench.CASES, lambda lab, build: bench.wire.Bench(lab, build, options.slow))


if __name__ == "__main__":
    sys.exit(main())
