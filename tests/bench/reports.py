#!/usr/bin/python3
"""reports.py - what recording costs, and what building and sending all reports of a day takes.

    tests/bench/reports.py [--build FOLDER] [--messages 1000000] [--domains 5000] [--sources 50000] [--send]

Wants tests/bench/recorder_bench and tests/support/report_rows (make TARGET). Status 1 where a bound is broken: 50 us
a recorded message, two minutes and 200 MB for building.
"""
import argparse
import os
import pathlib
import random
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import lab as lab_module  # noqa: E402
import outbox  # noqa: E402
import zone_server  # noqa: E402
from outbox import PERIOD, SETTLED, moment  # noqa: E402

MICROSECONDS_MOST, SECONDS_MOST, MEGABYTES_MOST = 50, 120, 200


def measured(command):
    """(seconds by the clock, seconds of processor, megabytes, standard output) of a command that must succeed."""
    began = time.monotonic()
    child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             env=lab_module.system_environment())
    output = child.stdout.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0, f"{command} ended with {status}: {output}"
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, output


def fill(box, options):
    """Every source sends for one domain, or for several: a third of the messages come from anywhere."""
    chance = random.Random(1)
    child = subprocess.Popen([box.build / "tests/support/report_rows", box.store], stdin=subprocess.PIPE,
                             stdout=subprocess.DEVNULL)
    for _ in range(options.messages):
        source = chance.randrange(options.sources)
        domain = source % options.domains if chance.random() < 0.66 else chance.randrange(options.domains)
        child.stdin.write(f"received={PERIOD}\tpolicy_domain=d{domain}.example\trua=mailto:r@d{domain}.example\t"
                          f"header_from=d{domain}.example\tsource=10.{source >> 16}.{source >> 8 & 255}.{source & 255}\t"
                          f"dkim=d{domain}.example/s1/pass/\tdkim=esp.example.net/k1/pass/\n".encode())
    child.stdin.close()
    assert child.wait() == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build")
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--domains", type=int, default=5000)
    parser.add_argument("--sources", type=int, default=50000)
    parser.add_argument("--send", action="store_true", help="hand all reports to a command that drops them, too")
    options = parser.parse_args()
    build = assayd.build_folder(options.build)
    good = True
    _, _, _, output = measured([build / "tests/bench/recorder_bench", options.messages, options.domains, options.sources])
    print(output, end="")
    for found in re.findall(r"paced .* ([0-9.]+) us a recorder_add", output):
        good = good and float(found) < MICROSECONDS_MOST
    lab_module.stop_on_signals()
    with lab_module.Lab("bench") as lab:
        box = outbox.Outbox(lab, build, zone_server.ZoneServer(lab, "example EXISTS\n").port, "outbox")
        box.sendmail.write_text("#!/bin/sh\ncat >/dev/null\n")
        fill(box, options)
        print(f"the store: {options.messages} messages, {box.store.stat().st_size / 1e6:.0f} MB")
        folder = box.folder / "built"
        folder.mkdir()
        seconds, processor, megabytes, output = measured(
            [build / "assay", "report", "build", folder, "-c", box.settings, "--at", moment(SETTLED)])
        print(f"building: {seconds:.1f} s ({processor:.1f} s of processor), {megabytes:.0f} MB: {output}", end="")
        good = good and seconds < SECONDS_MOST and megabytes < MEGABYTES_MOST and f"on {options.messages} messages" in output
        if options.send:
            seconds, processor, megabytes, output = measured(
                [build / "assay", "report", "send", "-c", box.settings, "--at", moment(SETTLED)])
            print(f"building and sending: {seconds:.1f} s ({processor:.1f} s of processor), {megabytes:.0f} MB: "
                  f"{output.splitlines()[-1]}")
        listing = measured([build / "assay", "report", "list", "-c", box.settings])
        print(f"assay report list: {listing[0]:.1f} s, {listing[2]:.0f} MB")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
