#!/usr/bin/python3
"""folders.py - the folders of the program, and what the files of each may include.

    tests/folders.py             prints the list of filter/README.md
    tests/folders.py --update    puts it into filter/README.md

tests/shape.sh checks the code against FOLDERS: no include that it does not allow, and nothing in it
that no file needs. It also looks for circles between files, by the symbols that they take from
each other.
"""
import pathlib
import re
import subprocess
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))
import marked  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parents[1]
PART = marked.Marked(ROOT / "filter" / "README.md", "tests/folders.py")

# Lowest first: a folder includes what it names here, and all of that stands above it.
FOLDERS = {
    "policies/base": (
        "memory, texts, addresses, domains, tag lists: nothing about mail",
        ""),
    "policies": (
        "a message, what a policy is and finds, and evaluating all of them",
        "policies/base"),
    "policies/crypto": (
        "hashes, keys, base64",
        "policies/base"),
    "policies/fields": (
        "fields that speak in a server's name: reading them, safe text in them",
        "policies/base policies"),
    "policies/spf": (
        "SPF",
        "policies/base policies policies/fields"),
    "policies/dkim": (
        "DKIM signatures verified",
        "policies/base policies policies/crypto"),
    "policies/dmarc": (
        "DMARC: author domain, policy record, alignment",
        "policies/base policies"),
    "policies/decision": (
        "from findings and the site's rules to one verdict",
        "policies/base policies policies/fields policies/spf policies/dmarc"),
    "policies/results": (
        "our Authentication-Results",
        "policies/base policies policies/fields policies/dmarc policies/decision"),
    "policies/sign": (
        "which mail is signed, and signing it",
        "policies/base policies policies/crypto policies/fields policies/dkim"),
    "policies/arc": (
        "ARC chains validated, trusted, sealed",
        "policies/base policies policies/crypto policies/fields policies/dkim policies/dmarc "
        "policies/sign"),
    "filter/base": (
        "the log, threads, the clock, safe ways to files; what all connections share",
        "policies/base"),
    "filter/dns": (
        "the resolver, with one cache for all policies",
        "policies/base policies filter/base"),
    "filter/rows": (
        "what a report row is, and what of a failure may be told",
        "policies/base policies policies/crypto policies/dmarc policies/decision"),
    "filter/store": (
        "where rows end: SQLite",
        "policies/base filter/base filter/rows"),
    "filter/recorder": (
        "rows from a message to a journal, and from there to the store",
        "policies/base policies filter/base filter/rows filter/store"),
    "filter/received": (
        "reports of others: which mail has them, reading them, and who sends as our domains",
        "policies/base policies policies/fields policies/spf policies/dmarc filter/base filter/rows"),
    "filter/web": (
        "what the page stands on: its settings, whom it answers, and writing HTML",
        "policies/base"),
    "filter/metrics": (
        "counters, and the pages and warnings made from them",
        "policies/base policies policies/decision filter/base filter/dns filter/rows "
        "filter/store filter/recorder filter/received"),
    "filter/settings": (
        "assay.conf in rows, the keys, and the snapshot in use",
        "policies/base policies policies/crypto policies/spf policies/dkim policies/arc "
        "policies/dmarc policies/decision policies/sign filter/base filter/dns "
        "filter/recorder filter/received filter/web filter/metrics"),
    "filter/review": (
        "finds mistakes in settings that are valid",
        "policies/base policies/sign filter/base filter/settings"),
    "filter/session": (
        "the way of a message, without any milter protocol",
        "policies/base policies policies/fields policies/decision policies/results policies/arc "
        "filter/base filter/dns filter/recorder filter/received filter/settings"),
    "filter/report": (
        "what we tell others: reports built, mailed, handed over",
        "policies/base policies policies/crypto policies/dmarc policies/sign filter/base "
        "filter/dns filter/rows filter/store filter/recorder"),
    "filter/monitoring": (
        "serves /metrics, /health and /status, and samples the store and the keys",
        "policies/base filter/base filter/metrics filter/settings filter/session"),
    "filter": (
        "milter.c, the wire",
        "policies/base filter/base filter/settings filter/session"),
    "filter/daemon": (
        "the life of the process",
        "policies/base policies/crypto policies/spf policies/dkim policies/dmarc "
        "filter/base filter/dns filter/store filter/received filter/settings filter/session "
        "filter/review filter/report "
        "filter/monitoring filter"),
    "filter/tool/common": (
        "what the subcommands of assay share",
        "policies/base filter/base filter/rows filter/settings"),
    "filter/tool/key": (
        "assay key",
        "policies/base policies/crypto policies/dkim filter/base filter/dns "
        "filter/settings filter/tool/common"),
    "filter/tool/check": (
        "assay check",
        "policies/base policies/dmarc filter/rows filter/session filter/tool/common"),
    "filter/tool/config": (
        "assay config",
        "policies/base filter/base filter/settings filter/review filter/tool/common "
        "filter/tool/key"),
    "filter/tool/import": (
        "assay import",
        "policies/base policies/crypto policies/sign filter/base "
        "filter/settings filter/tool/common filter/tool/key"),
    "filter/tool/manual": (
        "help, manual pages, completion",
        "policies/base filter/settings filter/review filter/tool/common"),
    "filter/tool/report": (
        "assay report",
        "policies/base filter/base filter/dns filter/rows filter/store filter/received "
        "filter/settings filter/report filter/tool/common filter/tool/check"),
    "filter/tool/held": (
        "assay held",
        "policies/base policies/fields filter/base filter/settings filter/tool/common "
        "filter/tool/check"),
    "filter/tool/dns": (
        "assay dns",
        "policies/base policies/crypto policies/spf policies/dkim policies/dmarc "
        "filter/dns filter/rows filter/settings filter/report filter/tool/common filter/tool/key "
        "filter/tool/check filter/tool/report"),
    "filter/tool/status": (
        "assay status",
        "policies/base policies/decision filter/metrics filter/settings "
        "filter/tool/common filter/tool/check"),
    "filter/tool/web": (
        "assay web",
        "policies/base policies/decision filter/base filter/store filter/received filter/web "
        "filter/settings "
        "filter/monitoring filter/tool/common filter/tool/report filter/tool/status"),
    "filter/tool": (
        "the command's main(), help and completion",
        "policies/base filter/settings filter/daemon filter/tool/common filter/tool/key "
        "filter/tool/manual"),
}


def sources():
    return sorted(str(path.relative_to(ROOT)) for room in ("policies", "filter")
                  for path in (ROOT / room).rglob("*.[ch]"))


def included(name):
    """The program's own headers that a file includes, as paths from the top."""
    for header in re.findall(r'^\s*#\s*include\s*"([^"]+)"', (ROOT / name).read_text(encoding="utf-8"),
                             re.MULTILINE):
        for room in ("policies", "filter"):
            if (ROOT / room / header).exists():
                yield f"{room}/{header}"


def folder_of(name):
    return name.rpartition("/")[0]


def wrong_includes():
    """Sentences about includes that the table does not allow, and about the table itself."""
    found, needed = [], {}
    for name in sources():
        here = folder_of(name)
        if here not in FOLDERS:
            found.append(f"tests/folders.py does not know {here}")
            continue
        for header in included(name):
            there = folder_of(header)
            needed.setdefault(here, set()).add(there)
            if there not in (here, *FOLDERS[here][1].split()):
                found.append(f"{name} includes {header}, which tests/folders.py does not allow")
    above = []
    for folder, (_, allowed) in FOLDERS.items():
        for other in allowed.split():
            if other not in needed.get(folder, ()):
                found.append(f"tests/folders.py: no file of {folder} includes one of {other}")
            if other not in above:
                found.append(f"tests/folders.py: {other} has to stand above {folder}")
        above.append(folder)
    if PART.read() != table():
        found.append("the list in filter/README.md is out of date: run tests/folders.py --update")
    return sorted(set(found))


def symbols(objects):
    """({symbol: the object that defines it}, {object: symbols that it lacks})"""
    defined, lacking = {}, {name: set() for name in objects}
    listed = subprocess.run(["nm", "--print-file-name", *objects], stdout=subprocess.PIPE,
                            check=True).stdout.decode()
    for line in listed.splitlines():
        name, _, rest = line.partition(":")
        *_, kind, symbol = rest.split()
        if kind in "TDBRC":
            defined.setdefault(symbol, name)
        elif kind == "U":
            lacking[name].add(symbol)
    return defined, lacking


def reachable(uses, start):
    seen, left = set(), [start]
    while left:
        for name in uses[left.pop()] - seen:
            seen.add(name)
            left.append(name)
    return seen


def circles(build):
    """Files that need each other, directly or by others: nobody can read one of them first."""
    objects = sorted(str(path) for room in ("policies", "filter")
                     for path in (build / room).rglob("*.o"))
    defined, lacking = symbols(objects)
    uses = {name: {defined[symbol] for symbol in lacking[name] if symbol in defined} - {name}
            for name in objects}
    reach = {name: reachable(uses, name) for name in objects}
    found = {tuple(sorted(other for other in objects if other in reach[name]
                          and name in reach[other])) for name in objects if name in reach[name]}
    return [" <-> ".join(pathlib.Path(name).stem.removeprefix("libassay_a-") for name in group)
            for group in sorted(found)]


def table():
    """A list: a folder, what it is, and what it includes, wrapped."""
    lines = []
    for folder, (what, allowed) in FOLDERS.items():
        text = f"- `{folder}/`: {what}. Includes {short(allowed)}."
        lines += textwrap.wrap(text, 98, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def short(allowed):
    """Folders by the room that they are in."""
    parts = []
    for room in ("policies", "filter"):
        names = [name.removeprefix(room).lstrip("/") or "the top"
                 for name in allowed.split() if name.split("/")[0] == room]
        if names:
            parts.append(f"from {room}/ {', '.join(names)}")
    return "; ".join(parts) or "nothing"


if __name__ == "__main__":
    sys.exit(PART.main(table, __doc__))
