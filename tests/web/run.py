#!/usr/bin/python3
"""run.py - the page of assay web, as Chromium shows it and as octets come.

    tests/web/run.py [--build FOLDER] [WORDS...]     only cases whose name has a word

One line a case, see tests/support/tap.py. axe-core is looked for in the folder axe-core of ASSAY_CONFORMANCE.
"""
import sys

import site_of_months  # it knows where the modules of tests/support are
# pylint: disable=wrong-import-order,unused-import
import pages  # noqa: F401
import attacks  # noqa: F401
import suite

if __name__ == "__main__":
    sys.exit(suite.main("web", __doc__, site_of_months.CASES, site_of_months.Site))
