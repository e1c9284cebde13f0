#!/usr/bin/python3
"""figures.py - how large, wide and talkative the code is, as the table of filter/README.md.

    tests/figures.py             prints the table
    tests/figures.py --update    puts it into filter/README.md

Of policies/ and filter/ only; tests and contrib are left out. Wants universal-ctags. A tab counts
eight columns.
"""
import json
import pathlib
import re
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))
import marked  # noqa: E402  pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parents[1]
PART = marked.Marked(ROOT / "filter" / "README.md", "tests/figures.py")
LONG = 60
DEBUG_CALLS = r"\b(?:log_debug|services_debug|session_debug|trail_line|debug_say)\s*\("


def sources():
    return sorted(path for room in ("policies", "filter") for path in (ROOT / room).rglob("*.[ch]"))


def without_comments(text):
    """The code alone, strings emptied, with as many lines as before."""
    piece = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)

    def blank(found):
        return '""' if found.group()[0] in "\"'" else re.sub(r"[^\n]", "", found.group())
    return piece.sub(blank, text)


def functions(paths):
    """(name, file, lines, is static) of every function."""
    listed = subprocess.run(["ctags", "--languages=C,C++", "--langmap=C:.c,C++:", "--kinds-C=f",
                             "--extras=+F", "--fields=+neK", "--output-format=json", "-f", "-",
                             *map(str, paths)], stdout=subprocess.PIPE, check=True).stdout
    for line in listed.decode().splitlines():
        tag = json.loads(line)
        if "end" in tag:
            yield tag["name"], tag["path"], tag["end"] - tag["line"] + 1, "file" in tag


def static_names(found):
    """{name of a static function: the files that have one}"""
    names = {}
    for name, path, _, is_static in found:
        if is_static:
            names.setdefault(name, set()).add(path)
    return names


def prototypes(header):
    """For each function that a header declares: has it a comment, above it or beside it?"""
    text = header.read_text(encoding="utf-8")
    code = without_comments(text).split("\n")
    lines = text.split("\n")
    depth, commented_block = 0, False
    for line, whole in zip(code, lines):
        if depth == 0 and re.match(r"^(?!typedef|return|static inline|#)[a-z_].*\w\(", line):
            yield commented_block or "/*" in whole
        if not whole.strip():
            commented_block = False
        elif not line.strip() and whole.strip():
            commented_block = True
        depth += line.count("{") - line.count("}")


def share(part, whole, digits=0):
    return f"{100 * part / whole:.{digits}f} %" if whole else "-"


def measure():
    paths = sources()
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    code = {path: without_comments(text) for path, text in texts.items()}
    count = sum(text.count("\n") for text in texts.values())
    found = list(functions(path for path in paths if path.suffix == ".c"))
    lengths = sorted(length for _, _, length, _ in found)
    widths = [len(line.expandtabs(8)) for text in texts.values() for line in text.split("\n")]
    names = static_names(found)
    declared = [has for path in paths if path.suffix == ".h" for has in prototypes(path)]
    debug = sum(len(re.findall(DEBUG_CALLS, text)) for text in code.values())
    invariants = sum(len(re.findall(r"\binvariant\s*\(", text)) for text in code.values())
    return [
        ("files, lines", f"{len(paths)}, {count}"),
        ("lines of a function: median, nine in ten, longest",
         f"{statistics.median(lengths):.0f}, {lengths[len(lengths) * 9 // 10]}, {lengths[-1]}"),
        (f"lines that stand in functions over {LONG}",
         share(sum(length for length in lengths if length > LONG), sum(lengths))),
        ("functions in headers that have a comment", share(sum(declared), len(declared))),
        ("lines over 80 and over 100 columns",
         share(sum(width > 80 for width in widths), count, 1) + ", "
         + share(sum(width > 100 for width in widths), count, 1)),
        ("names of static functions that stand in more than two files",
         str(sum(len(files) > 2 for files in names.values()))),
        ("debug messages per 1,000 lines", f"{1000 * debug / count:.1f}"),
        ("invariants per 1,000 lines", f"{1000 * invariants / count:.1f}"),
        ("words of README.md",
         str(len((ROOT / "README.md").read_text(encoding="utf-8").split()))),
    ]


def table():
    return "| what | figure |\n|---|---|\n" + "".join(f"| {what} | {figure} |\n"
                                                     for what, figure in measure())


if __name__ == "__main__":
    sys.exit(PART.main(table, __doc__))
