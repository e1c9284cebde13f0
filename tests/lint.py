#!/usr/bin/python3
"""lint.py - warnings of the usual tools, of which there are none.

    tests/lint.py [--build FOLDER] [TOOL...]    FOLDER is a configured build (default: the tree)

One line a tool. A warning that is right is mended. One that is false gets an invariant() if that
makes the tool see it; otherwise a suppression with the reason: beside the code (/* NOLINT: why */,
/* cppcheck-suppress name; why */), or here and in .clang-tidy if it is false in all places.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
import tap  # noqa: E402  pylint: disable=wrong-import-position
import tree  # noqa: E402  pylint: disable=wrong-import-position

JOBS = os.cpu_count() or 2
SECONDS_MAX = 300       # of one command

# Leaks are left to the address sanitizer: the analyzer takes what is kept by a pointer into its
# middle, or by a list, for lost.
GCC_OPTIONS = ["-fanalyzer", "-Wno-analyzer-malloc-leak"]
# What cppcheck is not asked for, and why.
CPPCHECK_WITHOUT = {
    "missingIncludeSystem": "the headers of libraries say nothing new",
    "variableScope": "declarations stand at the beginning of a block",
    "knownConditionTrueFalse": "it does not see what loops and other threads change",
    "arrayIndexThenCheck": "text ends with a zero octet, so looking at it before the limit is fine",
    "redundantContinue": "a loop whose head does the work has it for a body",
    "shadowVariable": "-Wshadow of the compilers knows what is declared by then",
    "shadowFunction": "the same",
    "unreadVariable:tests/*": "it does not see what is read through pointers",
    "unusedStructMember": "it does not follow unions that take const away",
    "constParameter": "libraries prescribe the parameters of callbacks",
}
# What codespell takes for mistakes, and what it is.
WORDS = {
    "fo": "a tag of DMARC records", "nd": "a macro of mdoc", "iif": "a function of SQLite",
    "inlcude": "repaired by assay dns", "inculde": "the same", "incude": "the same",
    "chekc": "repaired by assay", "fro": "looks like From in tests", "fromm": "the same",
    "tthe": "a tab before the", "ect": "a tag that is not one", "bu": "in a name of a test", "nin": "a result of a test",
    "canonicalizations": "there are two",
}
NOT_PROSE = ("LICENSE", ".dict", "_fixtures.txt", ".json", ".eml")
NOT_PROSE_FOLDERS = ("tests/fuzz/seeds/", "tests/import/")


def files(*endings, under=""):
    return [name for name in tree.files(ROOT) if name.endswith(endings) and name.startswith(under)]


def is_script(name, *interpreters):
    with open(ROOT / name, "rb") as file:
        first = file.readline(80)
    return first.startswith(b"#!") and first.decode(errors="replace").split()[0].endswith(interpreters)


def scripts(ending, *interpreters):
    return [name for name in tree.files(ROOT) if name.endswith(ending) or is_script(name, *interpreters)]


def sources():
    return [name for name in files(".c") if name.startswith(("policies/", "filter/"))]


def run(*command, cwd=ROOT):
    """What it printed; a command that ends with a status and says nothing is told too."""
    try:
        done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired:
        return f"{shlex.join(command[:3])} ... did not end within {SECONDS_MAX} s"
    text = done.stdout.decode(errors="replace")
    return text if text.strip() or done.returncode == 0 else f"{command[0]} ended with {done.returncode}"


def each(names, command, build):
    """Runs a command with each of some files, several at once, in the folder of the build."""
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        return "".join(pool.map(lambda name: run(*command(str(ROOT / name)), cwd=build), names))


def flags(build, *variables):
    """Values of variables of the build's Makefile, as words."""
    said = run("make", "--no-print-directory", "--eval", f"lint-flags: ; $(info {' '.join(variables)})",
               "lint-flags", cwd=build)
    return shlex.split(said.replace("make: 'lint-flags' is up to date.", ""))


def lines(text, pattern):
    return [line for line in text.splitlines() if re.search(pattern, line)]


def gcc(build):
    options = flags(build, "$(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(AM_CFLAGS)")
    said = each(sources(), lambda name: ["gcc", *options, "-O1", *GCC_OPTIONS, "-c", name, "-o", "/dev/null"], build)
    return lines(said, r"(warning|error):|ended with|did not end")


def clang_tidy(build):
    options = flags(build, "$(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(AM_CFLAGS)")
    # warnings of the compiler are the build's business, and gcc's options are not clang's
    options = [option for option in options if option.startswith(("-D", "-I", "-std"))]
    said = each(sources(), lambda name: ["clang-tidy", "--quiet", name, "--", *options, "-w"], build)
    return lines(said, r"(warning|error):|ended with|did not end")


def cppcheck(build):
    without = [f"--suppress={name}" for name in CPPCHECK_WITHOUT]
    said = run("cppcheck", f"-j{JOBS}", "--quiet", "--enable=warning,style,performance,portability", "--std=c11",
               "--inline-suppr", "--template={file}:{line}: {message} [{id}]", *without, "-D_GNU_SOURCE",
               "-DHAVE_CONFIG_H", f"-I{build}", "-Ipolicies", "-Ifilter", "-Itests/support", *files(".c"))
    return said.splitlines()


def codespell(_build):
    prose = [name for name in tree.files(ROOT)
             if not name.endswith(NOT_PROSE) and not name.startswith(NOT_PROSE_FOLDERS) and name != "tests/lint.py"]
    cut = r"\w+\.\.\."     # the last word of a line that was cut
    return run("codespell", "--ignore-regex", cut, "--ignore-words-list", ",".join(WORDS), *prose).splitlines()


def shellcheck(_build):
    return run("shellcheck", "--format=gcc", *scripts(".sh", "/sh"), *files("", under="contrib/completion/")).splitlines()


def mandoc(_build):
    said = run("mandoc", "-Tlint", "-W", "style", *[name for name in tree.files(ROOT) if re.search(r"\.[1-8]$", name)])
    # the pages refer to each other, and to pages of packages that this machine may not have
    return lines(said, r"^mandoc: \S+:\d+:(?!.*referenced manual not found)")


def marked(line):
    """Whether the line of a script that a warning names says noqa; pyflakes alone does not read it."""
    place = re.match(r"([^:]+):(\d+):", line)
    return place and "noqa" in (ROOT / place[1]).read_text(encoding="utf-8").splitlines()[int(place[2]) - 1]


def pyflakes(_build):
    said = run("pyflakes3", *scripts(".py", "/python3")).splitlines()
    return [line for line in said if not marked(line)]


# name, the Debian package, what it finds
TOOLS = {
    "gcc": ("gcc", gcc, "gcc -fanalyzer"),
    "clang-tidy": ("clang-tidy", clang_tidy, "clang-tidy with the checks of .clang-tidy"),
    "cppcheck": ("cppcheck", cppcheck, "cppcheck, tests too"),
    "codespell": ("codespell", codespell, "codespell"),
    "shellcheck": ("shellcheck", shellcheck, "shellcheck over every shell script"),
    "mandoc": ("mandoc", mandoc, "mandoc -Tlint over the manual pages"),
    "pyflakes3": ("pyflakes3", pyflakes, "pyflakes over the tests"),
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=".", help="a folder that is configured")
    parser.add_argument("tools", nargs="*", metavar="TOOL", help=", ".join(TOOLS))
    options = parser.parse_args()
    unknown = set(options.tools) - set(TOOLS)
    if unknown:
        parser.error(f"no tool {', '.join(unknown)}; there are: {', '.join(TOOLS)}")
    build = pathlib.Path(options.build).resolve()
    if not (build / "config.h").exists():
        sys.exit(f"{build} is not configured: run ./configure there first")
    report = tap.Tap("lint")
    for name in options.tools or TOOLS:
        package, tool, about = TOOLS[name]
        if shutil.which(name) is None:
            report.fail(about, f"{name} is missing; on Debian: apt-get install {package}")
            continue
        found = sorted(set(tool(build)))
        report.check(about, not found, "\n".join(found[:60]))
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
