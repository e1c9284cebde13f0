"""roots.py - root folders of a bare Debian for tests of the package, quick from the second run on.

prepare() makes what all share, in a cache outside of the tree: a minimal Debian of the machine's own release, from the
machine's own mirror, and the .debs that the tests install. open_root() lays a writable layer over it, which goes with
the mount namespace that it is called in.
"""
import contextlib
import fcntl
import itertools
import os
import pathlib
import shutil
import subprocess

import lab as lab_module
from lab import LabError

APT = ["apt-get", "--yes", "--quiet", "-o", "APT::Sandbox::User=root", "-o", "Dpkg::Options::=--force-unsafe-io",
       "-o", "Dpkg::Use-Pty=0"]
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root",
               "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}


_numbers = itertools.count()


class NoRoot(Exception):
    """Why a Debian cannot be brought here: no mirror, or it cannot be reached."""


def cache_folder():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "/var/cache") / "assay-test"


def mount(*words):
    lab_module.command_output(["mount", *words])


def sources():
    """(codename, sources.list) of this machine's own Debian."""
    lines = lab_module.command_output(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                                       "Created-By: Packages"]).split("\n")
    codename = lab_module.command_output(["sh", "-c", ". /etc/os-release && echo $VERSION_CODENAME"]).strip()
    wanted = [line for line in lines if line.split(" ")[1:2] and line.split(" ")[1].split("-")[0] == codename and
              line.endswith(" main")]
    if not any(line.split(" ")[1] == codename for line in wanted):
        raise NoRoot(f"apt has no mirror of {codename} here")
    return codename, "".join(f"deb {line}\n" for line in sorted(set(wanted)))


class Root:
    """The root of a system: commands run in it by chroot."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def path(self, name):
        return self.folder / name.lstrip("/")

    def read(self, name):
        return self.path(name).read_text(errors="replace")

    def run(self, *words, given=None, check=True, **more):
        """(status, output) of a command."""
        done = subprocess.run(["chroot", str(self.folder), *[str(word) for word in words]], input=given,
                              stdin=subprocess.DEVNULL if given is None else None, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, env={**ENVIRONMENT, **more})
        if check and done.returncode != 0:
            raise LabError(f"{' '.join(str(word) for word in words)} ended with {done.returncode}:\n{done.stdout}")
        return done.returncode, done.stdout

    def apt(self, *words, **more):
        return self.run(*APT, *words, **more)[1]

    def bring(self, file):
        """Copies a package in, where apt finds it; returns its path there."""
        shutil.copy(file, self.path("/root"))
        return f"/root/{pathlib.Path(file).name}"


def _mount_overlay(below, layer, on):
    """What is written on top stays in the folder `layer`."""
    for name in ("upper", "work"):
        (layer / name).mkdir(parents=True)
    mount("-t", "overlay", "-o", f"lowerdir={below},upperdir={layer}/upper,workdir={layer}/work", "overlay", on)


def open_root(lab, base, archives, place, fetching=False):
    """A root of its own at `place`, in this mount namespace; only when fetching it writes into the archives."""
    place.mkdir()
    mount("-t", "tmpfs", "-o", "mode=0755,size=2g", "tmpfs", place)
    # before the lab removes its folder
    lab.at_end(lab_module.command_output, ["umount", "--recursive", "--lazy", place])
    root = place / "root"
    root.mkdir()
    _mount_overlay(base, place / "system", root)
    mount("-t", "proc", "proc", root / "proc")
    if fetching:
        mount("--bind", archives, root / "var/cache/apt/archives")
    else:
        _mount_overlay(archives, place / "packages", root / "var/cache/apt/archives")
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", root / "etc" / name)
    return Root(root)


def _make_base(base, codename, text):
    new = base.with_name(f"{base.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    mirror = next(line.split(" ")[1] for line in text.splitlines() if line.split(" ")[2] == codename)
    try:
        lab_module.command_output(["debootstrap", "--variant=minbase", codename, new, mirror])
    except LabError as error:
        raise NoRoot(" ".join(str(error).splitlines()[-2:])) from None
    (new / "etc/apt/sources.list").write_text(text)
    (new / "etc/apt/apt.conf.d/50no-languages").write_text('Acquire::Languages "none";\n')
    proxy = lab_module.command_output(["sh", "-c", "apt-config dump | grep -i '^Acquire::https*::Proxy' || :"])
    (new / "etc/apt/apt.conf.d/50proxy").write_text(proxy)
    for name in ("resolv.conf", "hosts"):
        shutil.copy(f"/etc/{name}", new / "etc" / name)
    Root(new).apt("update")
    shutil.rmtree(new / "var/cache/apt/archives")
    (new / "var/cache/apt/archives/partial").mkdir(parents=True)
    new.rename(base)


def _fetch(lab, base, archives, wanted):
    """Brings into the archives what these packages, one set after the other, need and what is not there yet."""
    for words in wanted:
        root = open_root(lab, base, archives, lab.path(f"fetch{next(_numbers)}"), fetching=True)
        words = [root.bring(word) if str(word).endswith(".deb") else word for word in words]
        if "http" in root.apt("install", "--no-install-recommends", "--print-uris", *words):
            root.apt("install", "--no-install-recommends", "--download-only", *words)


@contextlib.contextmanager
def _alone(cache):
    """Two runs share the cache, one after the other."""
    with open(cache / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def prepare(lab, wanted):
    """(base, archives), or NoRoot is raised; wanted are lists of packages or .deb files that can be installed without a network then."""
    codename, text = sources()
    cache = cache_folder()
    archives = cache / "archives"
    (archives / "partial").mkdir(parents=True, exist_ok=True)
    machine = lab_module.command_output(["dpkg", "--print-architecture"]).strip()
    base = cache / f"{codename}-{machine}"
    with _alone(cache):
        if base.exists():
            with contextlib.suppress(LabError):
                _fetch(lab, base, archives, wanted)
                return base, archives
            # its package lists name what the mirror has no more
            shutil.rmtree(base)
        _make_base(base, codename, text)
        _fetch(lab, base, archives, wanted)
    return base, archives
