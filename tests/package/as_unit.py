#!/usr/bin/python3
"""as_unit.py - runs what a systemd unit says, under the protections that the unit asks for, where there is no systemd.

    as_unit.py --root FOLDER --unit FILE LINE [--instead COMMAND] [--main-pid PID]

LINE is ExecStartPre, ExecStart or ExecReload. The folder is the root of a system; the unit's user, folders and files are
those there. Of the protections these are put in force: the user and its groups, CapabilityBoundingSet, NoNewPrivileges,
UMask, ProtectSystem=strict with ReadWritePaths, StateDirectory and RuntimeDirectory, ProtectHome, PrivateTmp,
MemoryDenyWriteExecute (by prctl), SystemCallFilter and RestrictAddressFamilies (by libseccomp, with systemd's own sets).
A "+" before a command means none of them, a "-" that it may fail. NOTIFY_SOCKET is passed on. --instead runs another
command under the same protections.
"""
import argparse
import collections
import ctypes
import os
import pathlib
import shlex
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import namespaces  # noqa: E402  pylint: disable=wrong-import-position

CLONE_NEWNS = 0x20000
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 24, 38, 65
CAPABILITIES = 41
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
libc = ctypes.CDLL(None, use_errno=True)


class Unit:
    """The lines of a unit: last() for a setting that is one word, all() for one that adds up."""

    def __init__(self, path):
        self.lines = collections.defaultdict(list)
        with open(path, encoding="utf-8") as text:
            for line in text:
                name, equals, value = line.strip().partition("=")
                if equals and not name.startswith(("#", ";", "[")):
                    self.lines[name].append(value)

    def all(self, name):
        return self.lines[name]

    def last(self, name, otherwise=""):
        return self.lines[name][-1] if self.lines[name] else otherwise

    def yes(self, name):
        return self.last(name) == "yes"


def account(root, name):
    """(uid, gid, groups) by the files of the root."""
    def entries(file):
        with open(f"{root}/etc/{file}", encoding="utf-8") as text:
            return [line.rstrip("\n").split(":") for line in text]
    uid, gid = next((int(one[2]), int(one[3])) for one in entries("passwd") if one[0] == name)
    return uid, gid, [gid] + [int(one[2]) for one in entries("group") if name in one[3].split(",")]


def mount(*words):
    subprocess.run(["mount", *words], check=True, stdin=subprocess.DEVNULL)


def unit_folders(unit):
    return [f"/run/{name}" for name in unit.all("RuntimeDirectory")] + \
           [f"/var/lib/{name}" for name in unit.all("StateDirectory")]


def make_folders(unit, root, uid, gid):
    for folder in unit_folders(unit):
        kind = "RuntimeDirectory" if folder.startswith("/run/") else "StateDirectory"
        os.makedirs(root + folder, exist_ok=True)
        os.chmod(root + folder, int(unit.last(kind + "Mode", "0755"), 8))
        os.chown(root + folder, uid, gid)


def protect_files(unit, root):
    """A view of the root for this process alone."""
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    namespaces.make_private()
    if unit.last("ProtectSystem") == "strict":
        writable = [word for line in unit.all("ReadWritePaths") for word in line.split()] + unit_folders(unit)
        mount("--rbind", root, root)
        for path in writable:
            if os.path.isdir(root + path.lstrip("-")):
                mount("--bind", root + path.lstrip("-"), root + path.lstrip("-"))
            elif not path.startswith("-"):
                raise FileNotFoundError(path)
        mount("-o", "remount,bind,ro", root)
    if unit.yes("ProtectHome"):
        for path in ("/home", "/root"):
            mount("-t", "tmpfs", "-o", "ro,mode=0", "tmpfs", root + path)
    if unit.yes("PrivateTmp"):
        for path in ("/tmp", "/var/tmp"):
            mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", root + path)


def expand(name):
    """The system calls of one of systemd's sets."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", name], stdout=subprocess.PIPE, check=True, text=True)
    words = [line.strip() for line in listed.stdout.splitlines()[1:]]
    return set().union(*(expand(word) for word in words if word and not word.startswith("#")))


def filter_of(unit):
    """The filter, not yet in force: the first line of SystemCallFilter says what is allowed, the others change it."""
    import seccomp  # pylint: disable=import-outside-toplevel
    allowed = set()
    for line in unit.all("SystemCallFilter"):
        names = set().union(*(expand(word) for word in line.lstrip("~").split()))
        allowed = allowed - names if line.startswith("~") else allowed | names
    rules = seccomp.SyscallFilter(seccomp.ERRNO(1))
    for name in sorted(allowed - {"socket"}):
        try:
            rules.add_rule(seccomp.ALLOW, name)
        except RuntimeError:
            pass    # a call of another architecture
    for family in unit.last("RestrictAddressFamilies").split():
        rules.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, FAMILIES[family]))
    return rules


def give_up_privileges(unit, root, who):
    """Everything of the process itself; the last that needs root."""
    uid, gid, groups = who
    # libseccomp and systemd's sets come from outside of the root
    rules = filter_of(unit) if unit.all("SystemCallFilter") else None
    os.chroot(root)
    os.chdir("/")
    if "CapabilityBoundingSet" in unit.lines and not unit.last("CapabilityBoundingSet"):
        for capability in range(CAPABILITIES):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.umask(int(unit.last("UMask", "0022"), 8))
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if unit.yes("NoNewPrivileges"):
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if unit.yes("MemoryDenyWriteExecute"):
        libc.prctl(PR_SET_MDWE, 1, 0, 0, 0)     # since Linux 6.3; elsewhere it does nothing
    if rules is not None:
        rules.load()


def environment():
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8",
            **{name: os.environ[name] for name in ("NOTIFY_SOCKET",) if name in os.environ}}


def run_line(unit, root, line, main_pid=""):
    """In a child that becomes the command; does not return."""
    words = shlex.split(line.lstrip("+-").replace("${MAINPID}", main_pid))
    if "+" in line[:2]:
        os.chroot(root)
        os.chdir("/")
    else:
        who = account(root, unit.last("User", "root"))
        make_folders(unit, root, *who[:2])
        protect_files(unit, root)
        give_up_privileges(unit, root, who)
    os.execve(words[0], words, environment())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--root", required=True)
    parser.add_argument("--unit", required=True)
    parser.add_argument("--instead")
    parser.add_argument("--main-pid", default="")
    parser.add_argument("line", choices=("ExecStartPre", "ExecStart", "ExecReload"))
    options = parser.parse_args()
    unit = Unit(options.unit)
    lines = [options.instead] if options.instead else unit.all(options.line)
    for line in lines[:-1]:
        child = os.fork()
        if child == 0:
            run_line(unit, options.root, line, options.main_pid)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if status != 0 and "-" not in line[:2]:
            sys.exit(f"{line} ended with {status}")
    run_line(unit, options.root, lines[-1], options.main_pid)


if __name__ == "__main__":
    main()
