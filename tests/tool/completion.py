#!/usr/bin/python3
"""completion.py - contrib/completion/assay in a bash of its own: what each word of a command line can become.

    tests/tool/completion.py [--build FOLDER]

The function is called as bash does, with and without the package bash-completion. See tests/support/tap.py.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))
import tap  # noqa: E402  pylint: disable=wrong-import-position

PACKAGE = pathlib.Path("/usr/share/bash-completion/bash_completion")
SCRIPT = """\
for file; do source "$file" || exit 9; done
COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1))
complete -p assay >/dev/null || exit 8
_assay assay "${COMP_WORDS[COMP_CWORD]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""

# the words after `assay`, and all that the last of them can become; None for the second: at least these
CASES = (
    (["ch"], {"check"}),
    (["--v"], {"--version"}),
    (["nothing", ""], set()),
    (["key", ""], {"new", "dns", "check", "list", "retire"}),
    (["key", "re"], {"retire"}),
    (["key", "new", "--"], {"--keys", "--selector", "--bits", "--help"}),
    (["key", "check", "--"], {"--keys", "--json", "--help"}),
    (["key", "--js"], {"--json"}),
    (["key", "new", "example.org", "--bits", ""], set()),
    (["key", "new", "example.org", "--bits", "=", "1"], set()),
    (["key", "dns", "--keys", "{folder}/ke"], {"{folder}/keys"}),
    (["key", "dns", "--keys", "{folder}/keys", ""], {"one.example", "other.example"}),
    (["key", "check", "--keys", "{folder}/keys", "on"], {"one.example"}),
    (["key", "retire", "-c", "{folder}/assay.conf", "o"], {"one.example", "other.example"}),
    (["key", "retire", "-c", "{folder}/broken.conf", "o"], set()),
    (["key", "retire", "one.example", ""], set()),
    (["dns", "-c", "{folder}/assay.conf", "on"], {"one.example"}),
    (["report", "show", "-c", "{folder}/assay.conf", "on"], set()),
    (["config", "--explain", "dmarc.en"], {"dmarc.enforce"}),
    (["config", "--explain", "dmarc.enforce", "dmarc.en"], set()),
    (["config", "-c", "{folder}/as"], {"{folder}/assay.conf"}),
    (["config", "--sam"], {"--sample"}),
    (["check", "{folder}/le"], {"{folder}/letter one.eml"}),
    (["check", "--ip", "192.0.2.1", "{folder}/le"], {"{folder}/letter one.eml"}),
    (["check", "--ip", ""], set()),
    (["report", "show", "x.example", "--j"], {"--json"}),
    (["report", "list", "--dr"], set()),
    (["report", "send", "--dr"], {"--dry-run"}),
    (["report", "build", "{folder}/"], {"{folder}/keys"}),
    (["import", "one.conf", "{folder}/as"], {"{folder}/assay.conf"}),
    (["help", "conf"], {"config"}),
)


def prepare(folder):
    for domain in ("one.example", "other.example"):
        (folder / "keys" / domain).mkdir(parents=True)
    for name in ("letter one.eml", "broken.conf"):
        (folder / name).write_text("this is no setting\n", encoding="ascii")
    (folder / "assay.conf").write_text(f'sign: ( {{ keys = "{folder}/keys"; }} );\n', encoding="ascii")


def completed(build, files, words):
    quoted = " ".join("'" + word + "'" for word in [str(build / "assay"), *words])
    done = subprocess.run(["bash", "--norc", "--noprofile", "-c", f"words=({quoted})\n{SCRIPT}", "bash", *map(str, files)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False)
    assert done.returncode == 0 and not done.stderr, f"bash ended with {done.returncode}: {done.stderr.decode()}"
    return sorted(line for line in done.stdout.decode().split("\n") if line)


def run_cases(report, build, files, name):
    with tempfile.TemporaryDirectory(prefix="assay-completion.") as made:
        folder = pathlib.Path(made)
        prepare(folder)
        for words, wanted in CASES:
            line = [word.format(folder=folder) for word in words]
            wanted_words = sorted(word.format(folder=folder) for word in wanted)
            try:
                found = completed(build, files, line)
            except AssertionError as wrong:
                found = [str(wrong)]
            report.check(f"{name}: assay {' '.join(words)}", found == wanted_words,
                         f"found {found}, wanted {wanted_words}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path(os.environ.get("ASSAY_BUILD", ".")))
    build = parser.parse_args().build.resolve()
    script = ROOT / "contrib" / "completion" / "assay"
    report = tap.Tap("completion")
    run_cases(report, build, [script], "bash alone")
    if PACKAGE.exists():
        run_cases(report, build, [PACKAGE, script], "with bash-completion")
    else:
        report.skip("with bash-completion", "the package is not installed")
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
