#!/usr/bin/python3
"""run.py - every fuzz target over its seeds and over new inputs; what it finds goes to a folder
that stays.

    tests/fuzz/run.py --build FOLDER [--seconds N] [NAME...]      only these targets

FOLDER is what build.sh made. One line a target, see tests/support/tap.py.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import tap  # noqa: E402  pylint: disable=wrong-import-position

LONGEST_INPUT = 16384
LIMITS = ("-timeout=60", "-rss_limit_mb=3000", f"-max_len={LONGEST_INPUT}")


def fuzz(target, name, seconds, found):
    """The runs it made; an input that breaks it is an error."""
    corpus = tempfile.TemporaryDirectory(prefix=f"fuzz-{name}.")
    words = [target, f"-max_total_time={seconds}", f"-artifact_prefix={found}/{name}-", *LIMITS]
    if (HERE / f"{name}.dict").exists():
        words.append(f"-dict={HERE / name}.dict")
    with corpus as folder:
        done = subprocess.run([*words, folder, HERE / "seeds" / name], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said[-6000:]
    return int(re.search(r"Done (\d+) runs", said).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=5, help="for each target")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    report = tap.Tap("fuzz")
    found = tempfile.mkdtemp(prefix="fuzz-found.")
    names = sorted(path.name.removesuffix("_fuzz.c") for path in HERE.glob("*_fuzz.c"))
    for name in options.names or names:
        def one(name=name):
            runs = fuzz(options.build / "tests" / "fuzz" / f"{name}_fuzz", name, options.seconds,
                        found)
            print(f"# {name}: {runs} runs in {options.seconds} s")
        report.case(name, one)
    if report.failed:
        print(f"# what breaks them is in {found}")
    else:
        os.rmdir(found)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
