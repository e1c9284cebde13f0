#!/usr/bin/python3
"""namespaces.py - runs a command in namespaces of its own, in a chroot too.

    subprocess.run(namespaces.command("-n", "-u") + ["ip", "link"])

unshare(1) alone makes mounts private by the name "/". In a chroot that is rarely a mount point, and
the command would fail there; with shared mounts left shared, what a test mounts would be seen by
the whole machine. So mounts are made private from the root of the namespace, which is outside.

As a program it does that and then becomes the command that its arguments are.
"""
import ctypes
import os
import pathlib
import sys

CLONE_NEWNS = 0x00020000
MS_REC, MS_PRIVATE = 0x4000, 0x40000


def command(*options):
    """The beginning of a command in a mount namespace and, by options of unshare(1), others."""
    return ["unshare", "--mount", "--propagation", "unchanged", *options, "--", sys.executable, "-B",
            str(pathlib.Path(__file__).resolve())]


def _call(what, *arguments):
    if getattr(ctypes.CDLL(None, use_errno=True), what)(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def make_private():
    """Nothing that this process mounts from now on is seen in another mount namespace than its own."""
    here, root = os.open(".", os.O_RDONLY), os.open("/", os.O_RDONLY)
    namespace = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY)
    _call("setns", namespace, CLONE_NEWNS)      # moves to the root of the namespace
    _call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    os.fchdir(root)
    os.chroot(".")
    os.fchdir(here)
    for file in (here, root, namespace):
        os.close(file)


if __name__ == "__main__":
    try:
        make_private()
    except OSError as error:
        sys.exit(f"no mounts of its own: {error}")
    os.execvp(sys.argv[1], sys.argv[1:])
