#!/usr/bin/python3
"""run.py - `assay import`: configurations of the other programs, and what becomes of them.

    tests/import/run.py [--build FOLDER] [WORDS...]     only cases whose name has a word

A folder of cases/ holds the files of an installation and `expected` (YAML): `files` that are imported (opendkim.conf
alone), `keys` to make, `contains` and `lacks` of the settings, `left`: pieces of the list. In files, @FOLDER@ is where
they lie. Of a case with `sign` (author: [d:s, ...]) the very same files drive Debian's opendkim beside an assayd with
the imported settings; both have to sign each author with these domains and selectors, and dkimpy verifies both.
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
# pylint: disable=wrong-import-position
import hostile  # noqa: E402
import installation  # noqa: E402
import packages  # noqa: E402
import suite  # noqa: E402

CASES = [*installation.cases(), *packages.cases(), *hostile.cases()]

if __name__ == "__main__":
    sys.exit(suite.main("import", __doc__, CASES, installation.Bench))
