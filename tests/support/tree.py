"""tree.py - the files of a source tree, for what copies or checks all of them."""
import os
import pathlib
import subprocess


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
