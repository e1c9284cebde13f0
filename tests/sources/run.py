#!/usr/bin/python3
"""run.py - who sends as our domains, by the reports of others: assay report received, sources and digest.

    tests/sources/run.py [--build FOLDER] [WORDS...]     only cases whose name has a word

One line a case, see tests/support/tap.py. Reports are put into a store by tests/support/received_fill.c; the zones are
those of a name server on loopback.
"""
import sys

import bench  # it knows where the modules of tests/support are
# pylint: disable=wrong-import-order,unused-import
import six  # noqa: F401
import advice  # noqa: F401
import looking  # noqa: F401
import suite

if __name__ == "__main__":
    sys.exit(suite.main("sources", __doc__, bench.CASES, bench.Bench))
