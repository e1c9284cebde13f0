#!/usr/bin/python3
"""tree.py - the files of a source tree, for what copies or checks all of them.

    tests/support/tree.py TREE FOLDER      copies what has changed since the last copy
"""
import os
import pathlib
import shutil
import subprocess
import sys


def files(root):
    """Their names: what git tracks or would track; all that is there where the tree is no checkout."""
    root = pathlib.Path(root)
    if not (root / ".git").exists():
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    # the tree may belong to somebody else than who runs this
    listed = subprocess.run(["git", "-C", str(root), "-c", f"safe.directory={root.resolve()}", "ls-files", "-z", "--cached",
                             "--others", "--exclude-standard"], stdout=subprocess.PIPE, check=True).stdout
    names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    return sorted(name for name in names if (root / name).is_file())


def copy(root, to):
    """Copies the files that are not there yet or have another time."""
    for name in files(root):
        source, target = pathlib.Path(root, name), pathlib.Path(to, name)
        if target.exists() and target.stat().st_mtime_ns == source.stat().st_mtime_ns:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


if __name__ == "__main__":
    copy(sys.argv[1], sys.argv[2])
