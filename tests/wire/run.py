#!/usr/bin/python3
"""run.py - the real daemon over its socket: each case starts an assayd of its own and speaks the milter protocol.

    tests/wire/run.py [--build FOLDER] [--slow] [--only GROUP] [--segments octets|gathered] [WORDS...]

WORDS: only cases whose name has one. --segments: what clients send goes octet by octet, or not before they await
something, and then at once. --slow makes the large cases smaller, for builds with sanitizers. Some cases need root; they are skipped otherwise.
One line a case, see tests/support/tap.py. bench.py in this folder says what a case looks like.
"""
import importlib
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import bench  # noqa: E402  it knows where the modules of tests/support are
# pylint: disable=wrong-import-position,wrong-import-order
import milter_client  # noqa: E402
import suite  # noqa: E402

MODULES = ("verdicts", "connections", "miltertest", "reloads", "stops", "starts", "limits", "troubles", "threads",
           "signing", "prefetch", "trails", "copies", "octets")


def main():
    parser = suite.parser(__doc__)
    parser.add_argument("--slow", action="store_true", help="less of everything")
    parser.add_argument("--only", help="one group of cases", choices=MODULES)
    parser.add_argument("--segments", choices=milter_client.Sender.WORDS, default="packets")
    options = parser.parse_args()
    milter_client.SEGMENTS = options.segments
    for module in MODULES:
        importlib.import_module("wire_" + module)
    cases = [(name, function) for group, name, function in bench.CASES if options.only in (None, group)]
    return suite.run("wire", options, cases, lambda lab, build: bench.Bench(lab, build, options.slow))


if __name__ == "__main__":
    sys.exit(main())
