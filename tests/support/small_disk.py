"""small_disk.py - a disk that is soon full: a tmpfs on a folder of the lab."""
import contextlib
import subprocess

import tap


@contextlib.contextmanager
def mounted(lab, folder, octets):
    """It belongs to the folder's owner. tap.Skip where nothing can be mounted."""
    owner = folder.stat()
    lab.guard_mount(folder)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={octets},uid={owner.st_uid},mode=0755", "assay-test", folder],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise tap.Skip(f"needs the right to mount: {done.stdout.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(folder):
    """A file that takes all room that is left."""
    path = folder / "filler"
    with open(path, "wb", buffering=0) as filler:
        for size in (65536, 4096, 1):
            with contextlib.suppress(OSError):
                while filler.write(b"x" * size):
                    pass
    return path
