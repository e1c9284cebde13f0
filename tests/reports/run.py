#!/usr/bin/python3
"""run.py - aggregate reports from the store to the sendmail command: what is sent, to whom, when, and what if not.

    tests/reports/run.py [--build FOLDER] [WORDS...]     only cases whose name has a word

One line a case, see tests/support/tap.py. Nothing leaves the machine: the sendmail command is a script of the test's.
"""
import sys

import bench  # it knows where the modules of tests/support are
# pylint: disable=wrong-import-order,unused-import
import sending  # noqa: F401
import ceilings  # noqa: F401
import running  # noqa: F401
import clock  # noqa: F401
import hostile  # noqa: F401
import captured  # noqa: F401
import failures  # noqa: F401
import failures_daemon  # noqa: F401
import suite

if __name__ == "__main__":
    sys.exit(suite.main("reports", __doc__, bench.CASES, bench.Bench))
