#!/usr/bin/python3
"""year.py - a year of reports from others in a store, and how long the commands take: figures, not a test.

    tests/sources/year.py [--build FOLDER] [--reports N] [--seed N]

Names are not looked up. Seconds are those of the processor, which another load does not change, and of the clock: the
best of five runs.
"""
import argparse
import os
import pathlib
import subprocess
import tempfile
import time

NOW = "2026-11-28T12:00"
COMMANDS = (("received",), ("received", "example.org"), ("sources", "example.org"), ("received", "--days", "365"),
            ("sources", "example.org", "--days", "365"))


def timed(words):
    before, begin = os.times(), time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return (after.children_user + after.children_system - before.children_user - before.children_system,
            time.monotonic() - begin)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--build", default=pathlib.Path("."), type=pathlib.Path)
    options.add_argument("--reports", default=100000, type=int)
    options.add_argument("--seed", default=1, type=int)
    options = options.parse_args()
    options.build = options.build.resolve()
    with tempfile.TemporaryDirectory() as folder:
        store, settings = pathlib.Path(folder, "reports.db"), pathlib.Path(folder, "assay.conf")
        settings.write_text(f'authserv_id = "mx.example.net";\nreports: {{ store = "{store}"; }};\n')
        used, _ = timed([options.build / "tests/support/received_fill", "--year", store, str(options.reports),
                         str(options.seed)])
        print(f"{options.reports} reports: {used:.1f} s to store them, {store.stat().st_size / 1e6:.0f} MB")
        for words in COMMANDS:
            line = [options.build / "assay", "report", *words, "--no-dns", "-c", settings, "--at", NOW]
            runs = [timed(line) for _ in range(5)]
            print(f"{min(run[0] for run in runs):5.2f} s {min(run[1] for run in runs):5.2f} s by the clock  "
                  f"assay report {' '.join(words)}")


if __name__ == "__main__":
    main()
