#!/usr/bin/python3
"""guard.py - cleans up after a lab whose own process was killed: started by lab.py, reads what there is to clean up.

Lines on standard input: "process PID START" (its start time, see lab.started_at), "mount PATH", "folder PATH", and at an
orderly end "done". The end of the input without "done" means that the lab is gone and its processes are not.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import lab  # noqa: E402  pylint: disable=wrong-import-position

GRACE_SECONDS = 10


def send(processes, number):
    """Signals those that still run and are still the same."""
    for pid, start in processes:
        if lab.started_at(pid) == start:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass


def main():
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    processes, mounts, folders = [], [], []
    for line in sys.stdin:
        kind, _, rest = line.rstrip("\n").partition(" ")
        if kind == "done":
            return
        if kind == "mount":
            mounts.append(rest)
        elif kind == "folder":
            folders.append(rest)
        elif kind == "process":
            pid, _, start = rest.partition(" ")
            processes.append((int(pid), start))
    send(reversed(processes), signal.SIGTERM)
    end = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < end and any(lab.started_at(pid) == start for pid, start in processes):
        time.sleep(0.1)
    send(processes, signal.SIGKILL)
    for mount in mounts:
        subprocess.run(["umount", "-l", mount], stderr=subprocess.DEVNULL, check=False)
    for folder in folders:
        lab.end_programs_of(folder)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
