#!/usr/bin/python3
"""run.py - the real daemon over its socket: each case starts an assayd of its own and speaks the milter protocol.

    tests/wire/run.py [--build FOLDER] [--slow] [--only GROUP] [WORDS...]     only cases whose name has a word

--slow makes the large cases smaller, for builds with sanitizers. Some cases need root; they are skipped otherwise.
One line a case, see tests/support/tap.py. bench.py in this folder says what a case looks like.
"""
import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import bench  # noqa: E402  it knows where the modules of tests/support are
# pylint: disable=wrong-import-position,wrong-import-order
import suite  # noqa: E402

MODULES = ("verdicts", "connections", "miltertest", "reloads", "stops", "starts", "limits", "troubles", "threads",
           "signing", "prefetch", "trails", "copies")


def main():
    parser = suite.parser(__doc__)
    parser.add_argument("--slow", action="store_true", help="less of everything")
    parser.add_argument("--only", help="one group of cases", choices=MODULES)
    options = parser.parse_args()
    for module in MODULES:
        importlib.import_module("wire_" + module)
    cases = [(name, function) for group, name, function in bench.CASES if options.only in (None, group)]
    return suite.run("wire", options, cases, lambda lab, build: bench.Bench(lab, build, options.slow))


if __name__ == "__main__":
    sys.exit(main())
