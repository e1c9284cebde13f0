"""debs.py - Debian packages that tests unpack into a folder of theirs and never install.

They are fetched once (apt-get download) into a cache: $ASSAY_TEST_CACHE, else /var/cache/assay-tests, or a folder in the
home of who is not root.
"""
import os
import pathlib
import subprocess
import tempfile

import lab as lab_module
import tap


def cache_folder():
    return pathlib.Path(os.environ.get("ASSAY_TEST_CACHE") or
                        ("/var/cache/assay-tests" if os.geteuid() == 0 else "~/.cache/assay-tests")).expanduser()


def _cached(names):
    found = [max(cache_folder().glob(f"{name}_*.deb"), default=None) for name in names]
    return None if None in found else found


def _fetch(names):
    """Whole files only come to their names: two steps of tests/run.py may want the same ones at once."""
    cache_folder().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder()) as fresh:
        subprocess.run(["apt-get", "download", "--quiet", "-o", "APT::Sandbox::User=root", *names], cwd=fresh,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        for path in pathlib.Path(fresh).glob("*.deb"):
            path.rename(cache_folder() / path.name)


def missing(names):
    """"" or why these cannot be had."""
    if _cached(names) is None:
        _fetch(names)
    return "" if _cached(names) else f"{', '.join(names)}: neither in {cache_folder()} nor to be had (apt-get download)"


def unpack(names, root):
    if missing(names):
        raise tap.Skip(missing(names))
    for package in _cached(names):
        lab_module.command_output(["dpkg", "-x", package, root])
