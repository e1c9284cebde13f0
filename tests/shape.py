#!/usr/bin/python3
"""shape.py - the rules of the house that a machine can check; see shape.sh."""
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "support"))
import folders  # noqa: E402  pylint: disable=wrong-import-position
import modules  # noqa: E402  pylint: disable=wrong-import-position
import run as whole_run  # noqa: E402  pylint: disable=wrong-import-position
import tap  # noqa: E402  pylint: disable=wrong-import-position
import tree  # noqa: E402  pylint: disable=wrong-import-position

FUNCTION_LINES_MAX = 60
TEST_FUNCTION_LINES_MAX = 90    # where tables of cases stand in them
BRANCHES_MAX = 15
FILE_LINES_MAX = 500
COLUMNS_MAX = 100       # of C and Markdown; a tab counts eight
STATIC_FILES_MAX = 2    # that have a static function of the same name
FRONT_LINES_MAX, FRONT_WORDS_MAX = 150, 1200    # of README.md

# What ISO C and POSIX (with Linux) bring; any other <header> belongs to a library.
SYSTEM_HEADERS = set("""assert ctype errno fcntl float getopt grp inttypes limits locale math netdb poll pthread pwd
    sched semaphore setjmp signal stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings
    sysexits syslog termios threads time unistd wchar arpa/inet arpa/nameser net/if netinet/in netinet/tcp sys/eventfd
    iconv sys/file sys/mman sys/prctl sys/random sys/resource sys/select sys/socket sys/stat sys/statvfs sys/syscall sys/time
    sys/types sys/uio sys/un sys/wait dirent glob libgen fnmatch malloc regex resolv stdckdint""".split())
# These are used by a family of files that share the first word of their names.
FAMILY_LIBRARIES = {"openssl"}
# These belong to a folder.
FOLDER_LIBRARIES = {"sqlite3": "filter/store/"}
# Writing for others, and reading what others wrote, which only the confined process does.
TWO_SIDED_LIBRARIES = {"jansson": "filter/received/take_tls.c", "libxml": "filter/received/take_xml.c"}

FORBIDDEN_CALLS = set("""socket connect bind listen accept send sendto recv recvfrom open openat creat fopen fdopen read
    write pread pwrite close unlink rename mkdir stat fstat lstat opendir poll select epoll_wait pthread_create
    pthread_mutex_lock pthread_cond_wait time clock clock_gettime gettimeofday sleep usleep nanosleep rand random srandom
    getrandom arc4random getenv system popen fork execve getaddrinfo gethostbyname res_query printf fprintf puts perror
    syslog exit _exit""".split())

FOREIGN_PREFIXES = ("config_", "strbuf_", "scanctx_", "dkim_", "opendmarc_", "dmarc_", "SPF_", "ub_", "smfi_", "mi_",
                    "sm_")
# Exported under another name than the file's, and why.
OTHER_NAMES = {
    "dkim_settings_group": "the settings of group dkim; hidden, and no such name in libopendkim",
    "dmarc_settings_group": "the settings of group dmarc; hidden, and no such name in libopendmarc",
    "policies_open": "opens all of policy_list at once",
    "policies_close": "its counterpart",
    "rule_settings": "the rows of one rule",
    "quarantine_settings_group": "the settings of group quarantine, which only the decision reads",
    "syscalls_confine": "of one of two files, whichever is built",
    "syscalls_kind": "likewise",
    "network_parse": "an address with a prefix length; too small for a file of its own",
}
# Calls that policies make all the same, and why.
ALLOWED_CALLS = {
    ("policies/base/arena.c", "fprintf"): "the last words when memory is exhausted",
    ("policies/base/invariant.c", "fprintf"): "the last words of a process that found a defect",
}
FORBIDDEN_WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def files(*endings):
    return [name for name in tree.files(".") if name.endswith(endings)]


def bare(text):
    """The code with comments, strings and character constants blanked, line by line as long as before."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


class Source:
    def __init__(self, name):
        self.name = name
        self.text = pathlib.Path(name).read_text(encoding="utf-8")
        self.bare_lines = bare(self.text).split("\n")
        # the names of included files are strings to bare()
        self.system_includes = re.findall(r"^\s*#\s*include\s*<([^>]+)>", self.text, re.MULTILINE)
        self.own_includes = re.findall(r'^\s*#\s*include\s*"([^"]+)"', self.text, re.MULTILINE)
        self.functions = []

    def body(self, function):
        return "\n".join(self.bare_lines[function["line"] - 1:function["end"]])


def find_functions(sources):
    by_name = {source.name: source for source in sources}
    listed = subprocess.run(["ctags", "--languages=C,C++", "--langmap=C:.c,C++:", "--kinds-C=f", "--extras=+F", "--fields=+ne",
                             "--output-format=json", "-f", "-", *by_name], stdout=subprocess.PIPE, check=True).stdout
    for line in listed.decode().splitlines():
        tag = json.loads(line)
        if "end" in tag:
            by_name[tag["path"]].functions.append(tag)


def branches(text):
    return len(re.findall(r"\b(?:if|for|while|case)\b|&&|\|\||\?", text))


def long_functions(sources):
    return [f"{source.name}:{function['line']}: {function['name']} has {function['end'] - function['line'] + 1} lines"
            for source in sources for function in source.functions
            if function["end"] - function["line"] + 1
            > (TEST_FUNCTION_LINES_MAX if source.name.startswith("tests/") else FUNCTION_LINES_MAX)]


def branching_functions(sources):
    return [f"{source.name}:{function['line']}: {function['name']} has {branches(source.body(function))} branch points"
            for source in sources for function in source.functions
            if branches(source.body(function)) > BRANCHES_MAX]


def conditional_functions(sources):
    return [f"{source.name}:{function['line']}: {function['name']} has preprocessor conditionals inside"
            for source in sources for function in source.functions
            if re.search(r"^\s*#\s*(if|ifdef|ifndef|else|elif)\b", source.body(function), re.MULTILINE)]


def long_files(names):
    counted = [(name, pathlib.Path(name).read_text(encoding="utf-8").count("\n")) for name in names]
    return [f"{name} has {count} lines" for name, count in counted if count > FILE_LINES_MAX]


def library_of(header):
    if header.removesuffix(".h") in SYSTEM_HEADERS or header.startswith("linux/"):
        return None
    return header.split("/")[0].removesuffix(".h")


def scattered_libraries(sources):
    users = {}
    for source in sources:
        for header in source.system_includes:
            library = library_of(header)
            if library is not None:
                users.setdefault(library, set()).add(source.name)
    found = []
    for library, names in sorted(users.items()):
        owners = {re.split(r"[_.]", name)[0] for name in names} if library in FAMILY_LIBRARIES else names
        owners = set(owners) - {TWO_SIDED_LIBRARIES.get(library)}
        if library in FOLDER_LIBRARIES:
            owners = {re.sub("^" + FOLDER_LIBRARIES[library] + ".*", "", name) for name in names}
        if len(owners) > 1:
            found.append(f"<{library}> is included by {', '.join(sorted(names))}")
        found += [f"{name}: a header includes <{library}>" for name in sorted(names) if name.endswith(".h")]
    return found


def impure_policies(sources):
    own = {name.removeprefix("policies/") for name in files(".h") if name.startswith("policies/")}
    found = []
    for source in sources:
        if not source.name.startswith("policies/"):
            continue
        found += [f"{source.name} includes {name}" for name in source.own_includes if name not in own]
        for number, line in enumerate(source.bare_lines, 1):
            found += [f"{source.name}:{number}: calls {name}()"
                      for name in re.findall(r"(?<![\w.>])([a-z_0-9]+)\s*\(", line) if name in FORBIDDEN_CALLS and (source.name, name) not in ALLOWED_CALLS
                      and not re.match(r"^(static |struct |const |void |int |bool )", line)]
    return found


def exported_symbols(build):
    """(object's stem, symbol) of everything that libassay.a defines for others."""
    listed = subprocess.run(["nm", "--extern-only", "--defined-only", str(build / "libassay.a")],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout.decode()
    stem = ""
    for line in listed.splitlines():
        if line.endswith(":"):
            stem = re.sub(r"^libassay_a-", "", line[:-1]).removesuffix(".o")
        elif line.strip():
            kind, symbol = line.split()[-2:]
            if kind not in "VWuv" and not symbol.startswith("__"):
                yield stem, symbol


def oddly_named(build):
    found = []
    for stem, symbol in exported_symbols(build):
        if symbol in OTHER_NAMES:
            continue
        if symbol[0].isupper():
            found.append(f"{stem}.c exports {symbol}, which begins with a capital")
        if symbol.startswith(FOREIGN_PREFIXES):
            found.append(f"{stem}.c exports {symbol}, which looks like another library's")
        if not (symbol == stem or symbol.startswith(stem + "_") or symbol == "policy_" + stem
                or symbol.endswith("_names")):
            found.append(f"{stem}.c exports {symbol}, which does not begin with {stem}_")
    return found


def badly_formatted(names):
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *names], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return [line for line in done.stdout.decode().splitlines() if ": error:" in line]


def unfinished(names):
    found = []
    for name in names:
        if name == "tests/shape.py":
            continue
        for number, line in enumerate(pathlib.Path(name).read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if FORBIDDEN_WORDS.search(line):
                found.append(f"{name}:{number}: {line.strip()}")
    return found


def wide(names):
    found = []
    for name in names:
        lines = pathlib.Path(name).read_text(encoding="utf-8").splitlines()
        found += [f"{name}:{number}: {len(line.expandtabs(8))} columns"
                  for number, line in enumerate(lines, 1) if len(line.expandtabs(8)) > COLUMNS_MAX]
    return found


def repeated_statics(sources):
    names = {}
    for source in sources:
        for function in source.functions:
            if function.get("file"):
                names.setdefault(function["name"], set()).add(source.name)
    return [f"{name}() is static in {', '.join(sorted(files))}"
            for name, files in sorted(names.items()) if len(files) > STATIC_FILES_MAX]


def long_front_page():
    text = pathlib.Path("README.md").read_text(encoding="utf-8")
    lines, words = text.count("\n"), len(text.split())
    if lines <= FRONT_LINES_MAX and words <= FRONT_WORDS_MAX:
        return []
    return [f"README.md has {lines} lines and {words} words; a guide in contrib/guides takes more"]


def broken_links(names):
    """Links of documents to files that are not there, or to headings that are not in them."""
    found = []
    for name in names:
        here = pathlib.Path(name)
        prose = re.sub(r"(?ms)^ *```.*?^ *```", "", here.read_text(encoding="utf-8"))
        for link in re.findall(r"\]\((?!\w+:)([^)\s]+)\)", prose):
            path, _, heading = link.partition("#")
            target = here.parent / path if path else here
            if not target.exists():
                found.append(f"{name}: there is no {link}")
            elif heading and heading not in headings(target):
                found.append(f"{name}: {path or name} has no heading {heading}")
    return found


def headings(document):
    """As the anchors that a forge makes of them."""
    titles = re.findall(r"(?m)^#+ (.*)$", document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def headless(sources):
    return [source.name for source in sources if not source.text.startswith("/*")]


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    report = tap.Tap("shape")
    code = files(".c", ".h")
    sources = [Source(name) for name in code]
    own = [source for source in sources if source.name.startswith(("policies/", "filter/"))]
    find_functions(sources)

    def rule(name, found, advice=""):
        report.check(name, not found, "\n".join([*found[:40], *[advice] * bool(advice)]))

    rule(f"functions have at most {FUNCTION_LINES_MAX} lines", long_functions(sources),
         "split them: a helper function for each step")
    rule(f"functions have at most {BRANCHES_MAX} branch points", branching_functions(sources),
         "split them, or put the cases into a table")
    rule(f"files have at most {FILE_LINES_MAX} lines", long_files(files(".c", ".h", ".py", ".sh")),
         "move a part that stands alone into a file of its own")
    rule("no preprocessor conditionals inside functions", conditional_functions(sources),
         "move the condition around a whole function")
    rule("a library's header is included in one place", scattered_libraries(own),
         "call the file that has the library already, through its header")
    rule("policies do no input or output, and know nothing of the filter", impure_policies(own),
         "what a policy needs from outside comes through policies/services.h")
    rule("each file begins by saying what it is", headless(sources),
         "write a comment at the top: /* name.c - what it does. */")
    rule("clang-format changes nothing", badly_formatted(code), "run clang-format -i on these files")
    rule("nothing is left to be done later", unfinished(files(".c", ".h", ".py", ".sh", ".ac", ".am", ".md", ".lua")))
    rule(f"lines have at most {COLUMNS_MAX} columns", wide([*code, *files(".md")]))
    rule("a folder includes what tests/folders.py allows", folders.wrong_includes())
    rule("a static function's name stands in two files at most", repeated_statics(own),
         "let it begin with the name of its file: outcome_log_add()")
    rule(f"README.md has at most {FRONT_LINES_MAX} lines and {FRONT_WORDS_MAX} words",
         long_front_page())
    rule("links of documents lead somewhere", broken_links(files(".md")))
    rule("the table of modules and their tests is up to date",
         modules.wrong({step.name for step in whole_run.all_steps()}))
    if (build / "libassay.a").exists():
        rule("exported names begin with the name of their file", oddly_named(build))
        rule("no files need each other in a circle", folders.circles(build),
             "move what both need into a third file, or pass it as an argument")
    else:
        report.skip("exported names begin with the name of their file", f"{build}/libassay.a is not built")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
