#!/usr/bin/python3
"""run.py - reports that others send: what the reader makes of them, and `assay report read`.

    tests/received/run.py [--build FOLDER] [WORDS...]     only cases whose name has a word

One line a case, see tests/support/tap.py. Public samples are looked for in the folder `reports` of ASSAY_CONFORMANCE.
"""
import sys

import bench  # it knows where the modules of tests/support are
# pylint: disable=wrong-import-order,unused-import
import reading  # noqa: F401
import bombs  # noqa: F401
import command  # noqa: F401
import suite

if __name__ == "__main__":
    sys.exit(suite.main("received", __doc__, bench.CASES, bench.Bench))
