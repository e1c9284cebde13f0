"""packages.py - the files that Debian ships, and the options that its manual pages name."""
import gzip
import hashlib
import itertools
import pathlib
import re
import subprocess

import tap

SHIPPED = {"opendkim": "/etc/opendkim.conf", "opendmarc": "/etc/opendmarc.conf",
           "postfix-policyd-spf-python": "/etc/postfix-policyd-spf-python/policyd-spf.conf"}
MANUALS = {"opendkim": "opendkim.conf.5", "opendmarc": "opendmarc.conf.5", "policyd-spf": "policyd-spf.conf.5"}
COMMENTED = "/usr/share/doc/postfix-policyd-spf-python/policyd-spf.conf.commented.gz"


def shipped(package):
    """The file of the package."""
    path = pathlib.Path(SHIPPED[package])
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Conffiles}", package], capture_output=True, text=True, check=False)
    sums = dict(line.split()[:2] for line in done.stdout.splitlines() if line.strip())
    if not path.exists() or str(path) not in sums:
        raise tap.Skip(f"{package} is not installed")
    if hashlib.md5(path.read_bytes()).hexdigest() != sums[str(path)]:
        raise tap.Skip(f"{path} is not as the package brought it")
    return path


def one(bench, package, pieces):
    target = bench.lab.path(f"shipped-{next(bench.numbers)}.conf")
    status, out, err = bench.import_files("--output", target, shipped(package))
    assert status == 0, err
    assert "has no such option" not in out, out
    text = target.read_text()
    for piece in pieces:
        assert piece in text, f"no {piece} in:\n{text}"
    bench.config(target)


def together(bench):
    target = bench.lab.path(f"shipped-{next(bench.numbers)}.conf")
    status, out, err = bench.import_files("--output", target, *[shipped(package) for package in SHIPPED])
    assert status == 0, err
    assert "has no such option" not in out and 'enforce = "monitor"' in target.read_text(), out
    bench.config(target)


def uncommented(bench, package):
    """Every option that the shipped file has as a comment."""
    lines = [re.sub(r"^#+\s*(?=[A-Z][A-Za-z-]+\s+\S+$)", "", line) for line in shipped(package).read_text().splitlines()]
    lines = [line for line in lines if re.match(r"[A-Z][A-Za-z-]+\s+\S+$", line)]
    path = bench.lab.write(f"uncommented-{next(bench.numbers)}.conf", "\n".join(lines) + "\n")
    status, _, err = bench.import_files(f"--{package}", path)
    assert status in (0, 78) and "has no such option" not in err, err


def named_in_manual(program):
    found = list(itertools.chain.from_iterable(
        pathlib.Path("/usr/share/man/man5").glob(name) for name in (MANUALS[program] + ".gz", MANUALS[program])))
    if not found:
        raise tap.Skip(f"the manual page {MANUALS[program]} is not installed")
    text = (gzip.open(found[0], "rt") if found[0].suffix == ".gz" else open(found[0], encoding="utf-8")).read()
    if program == "policyd-spf":
        return set(re.findall(r"^ *([A-Za-z_]+) ?= ?\S", text, re.MULTILINE)) - {"user"}
    return set(re.findall(r"^\.TP\n\.I ([A-Za-z0-9-]+)", text, re.MULTILINE))


def manual(bench, program, least):
    """Every option that the manual page has is known."""
    names = named_in_manual(program)
    assert len(names) >= least, f"only {len(names)} names found: {sorted(names)}"
    equals = " =" if program == "policyd-spf" else ""
    path = bench.lab.write(f"every-{program}.conf", "".join(f"{name}{equals} 1\n" for name in sorted(names)
                                                            if name != "Include"))
    _, _, err = bench.import_files(f"--{program}", path)
    assert "has no such option" not in err, err


def cases():
    pieces = {"opendkim": ['listen = "unix:/run/assay/assay.sock";', 'mode = "0660";', "trust_anchor ="],
              "opendmarc": ['enforce = "monitor";'],
              "postfix-policyd-spf-python": ['fail = "reject";', 'temperror = "continue";']}
    for package, expected in pieces.items():
        yield f"the file that {package} ships", lambda bench, package=package, expected=expected: one(bench, package, expected)
    yield "the files that Debian ships, together", together
    for package in ("opendkim", "opendmarc"):
        yield f"every line of the file that {package} ships", lambda bench, package=package: uncommented(bench, package)
    for program, least in (("opendkim", 100), ("opendmarc", 35), ("policyd-spf", 15)):
        yield f"every option of the manual of {program}", lambda bench, program=program, least=least: manual(bench, program, least)
