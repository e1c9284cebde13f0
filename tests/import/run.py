#!/usr/bin/python3
"""run.py - `assay import`: configurations of the other programs, and what becomes of them.

    tests/import/run.py [--build FOLDER] [WORDS...]     only cases whose name has a word

A folder of cases/ holds the files of an installation and `expected` (YAML): `files` that are imported (opendkim.conf
alone), `keys` to make, `contains` and `lacks` of the settings, `left`: pieces of the list. In files, @FOLDER@ is where
they lie. Of a case with `sign` (author: [d:s, ...]) the very same files drive Debian's opendkim beside an assayd with
the imported settings; both have to sign each author with these domains and selectors, and dkimpy verifies both.
"""
import argparse
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import hostile  # noqa: E402
import installation  # noqa: E402
import lab as lab_module  # noqa: E402
import packages  # noqa: E402
import tap  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", help="the folder with assayd and assay")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    lab_module.stop_on_signals()
    report = tap.Tap("import")
    with lab_module.Lab("import") as lab:
        bench = installation.Bench(lab, assayd.programs(assayd.build_folder(options.build), lab))
        for name, function in [*installation.cases(bench), *packages.cases(bench), *hostile.cases(bench)]:
            if not options.words or any(word in name for word in options.words):
                report.case(name, function)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
