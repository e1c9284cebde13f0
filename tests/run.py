#!/usr/bin/python3
"""run.py - the steps behind tests/run.sh: what they need, what they run, how their results are counted.

Two steps run at a time. Each writes a log; of a step that fails the end is shown. A step counts the single cases that
its log names (tap.py's lines, cmocka's lines), or itself where there are none.
"""
import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
# pylint: disable=wrong-import-position
import lab as lab_module  # noqa: E402
import tree  # noqa: E402

JOBS = os.cpu_count() or 2
SKIPPED_STATUS = 77
SECONDS_MOST = 3600     # of one command; the longest takes four minutes on a quiet machine
# modules with threads
THREADED = [f"tests/unit/{path.stem}" for path in sorted((ROOT / "tests" / "unit").glob("*_test.c"))
            if re.search(r"pthread\.h|recorder_fixture\.h", path.read_text(encoding="utf-8"))]
UNIT = [f"tests/unit/{path.stem}" for path in sorted((ROOT / "tests" / "unit").glob("*_test.c"))]
# for make: all tests but those that play thousands of random messages through other programs
QUICK = "$(check_PROGRAMS) $(filter-out %_differential.py %_model.py,$(script_tests))"
QUICK_STEPS = ("shape", "check-quick", "messages", "log", "examples")
COVERED = ("check", "messages", "wire", "reports", "received", "sources", "web", "metrics", "dns",
           "import", "mta")
STRICT = "CFLAGS=-O2 -g -Werror"
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": f"suppressions={ROOT}/tests/tsan.supp:second_deadlock_stack=1",
}


@dataclasses.dataclass
class Step:
    name: str
    about: str
    commands: list
    needs: tuple = ()
    without: str = ""       # why it is skipped here, or ""
    asked: bool = False     # only runs if it is named, or needed by what is
    anyway: bool = False    # whatever came of the steps that it needs
    # filled in
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    wrong: list = dataclasses.field(default_factory=list)
    reasons: list = dataclasses.field(default_factory=list)     # why cases are skipped, one a case


def configured(folder, *flags):
    """Shell that configures and builds everything, the test programs too, in a folder of its own."""
    options = " ".join(shlex.quote(flag) for flag in flags)
    return f"mkdir -p {folder} && cd {folder} && ../source/configure --quiet {options}"


def built(folder, *variables):
    words = " ".join(shlex.quote(word) for word in variables)
    return f"make --no-print-directory -C {folder} -j{JOBS} {words} all && " \
           f"make --no-print-directory -C {folder} -j{JOBS} {words} check TESTS="


def checked(folder, only=()):
    """Runs make check, or some programs of it, and shows all that they printed."""
    chosen_tests = "TESTS=" + shlex.quote(only if isinstance(only, str) else " ".join(only)) if only else ""
    return f"make --no-print-directory -C {folder} -j{JOBS} check {chosen_tests} >check.out 2>&1; status=$?; " \
           f"{ROOT}/tests/support/logs.sh {folder}; [ $status = 0 ] || tail -n 40 check.out; exit $status"


def python(script, *arguments):
    return " ".join(["/usr/bin/python3 -B", shlex.quote(str(ROOT / "tests" / script)), *arguments])


def cut(script, *arguments):
    """Once with an octet a segment, once with all that needs no answer in one."""
    return [python(script, *arguments, "--segments", how) for how in ("octets", "gathered")]


def all_steps():
    not_root = "" if os.geteuid() == 0 else "needs root"
    return [
        Step("source", "a copy of the tree, autogen", ["cd source && ./autogen.sh"]),
        Step("gcc", "gcc, warnings are errors", [configured("gcc"), built("gcc", STRICT)], ("source",)),
        Step("clang", "clang, warnings are errors", [configured("clang", "CC=clang"), built("clang", STRICT)], ("source",)),
        Step("asan", "gcc with address and undefined-behaviour sanitizers",
             [configured("asan", "--enable-sanitizers"), built("asan")], ("source",)),
        Step("check", "make check: modules, command, public suites, fuzz seeds", [checked("gcc")], ("gcc",)),
        Step("check-clang", "the modules, built by clang", [checked("clang", UNIT)], ("clang",)),
        Step("check-quick", "make check without the slow comparisons", [checked("gcc", QUICK)], ("gcc",), asked=True),
        Step("lint", "the warnings of gcc -fanalyzer, clang-tidy, cppcheck and others",
             [python("lint.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("shape", "the rules of the house", [f"{ROOT}/tests/shape.sh $WORK/gcc"], ("gcc",)),
        Step("dns", "assay dns over a table of zones", [python("tool/dns_doctor.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("messages", "every message scenario", [python("messages/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("log", "the log as it is described, and who reads it: fail2ban, awk",
             [python("log/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("examples", "the settings and the Sieve script of contrib/guides/examples.md",
             [python("examples/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("wire", "the daemon over its socket", [python("wire/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("wire-cut", "what depends on the wire, with an octet a segment and with much in one",
             [command for group in ("verdicts", "connections", "limits", "signing")
              for command in cut("wire/run.py", "--build", "$WORK/gcc", "--slow", "--only", group)], ("gcc",)),
        Step("dnssec", "signed zones through the real resolver, sound and with every fault",
             [python("dnssec/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("metrics", "watching the daemon: /metrics, /health, assay status, dashboard, alerts",
             [python("metrics/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("reports", "aggregate reports, from the store to the sendmail command",
             [python("reports/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("received", "reports of others: samples, oddities, bombs, and assay report read",
             [python("received/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("web", "the page of assay web in Chromium, and what strangers put into it",
             [python("web/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("sources", "who sends as our domains, by the reports of others",
             [python("sources/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("mta", "the daemon behind a real Postfix", [python("mta/run.py", "--build", "$WORK/gcc")], ("gcc",), not_root),
        Step("import", "settings of opendkim and the others, and signing beside opendkim",
             [python("import/run.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("mta-attach", "attaching to Postfix and detaching", [python("mta/attach.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("mta-submission", "mail of ours through a real Postfix", [python("mta/submission.py", "--build", "$WORK/gcc")],
             ("gcc",)),
        Step("mta-lists", "a mailing list that seals, and a site that believes it, behind real Postfixes",
             [python("mta/lists.py", "--build", "$WORK/gcc")], ("gcc",), not_root),
        Step("mta-ways", "content filters, other milters, aliases, held mail, an assayd that is not there",
             [python("mta/ways.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("mta-reports", "reports that arrive by a real Postfix",
             [python("mta/reports.py", "--build", "$WORK/gcc")], ("gcc",), not_root),
        Step("mta-received", "reports of others that come by a real Postfix",
             [python("mta/received.py", "--build", "$WORK/gcc")], ("gcc",), not_root),
        Step("mta-reports-sendmail", "reports that go out by a real Sendmail",
             [python("mta/reports_sendmail.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("mta-sendmail", "the daemon behind a real Sendmail", [python("mta/sendmail.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("mta-sendmail-addresses", "signed address lists that Sendmail writes anew",
             [python("mta/sendmail_addresses.py", "--build", "$WORK/gcc")], ("gcc",)),
        Step("mta-attacks-postfix", "hostile octets, fields, bodies and floods through a real Postfix",
             [python("mta/attacks.py", "--server", "postfix", "--build", "$WORK/gcc")], ("gcc",)),
        Step("mta-flood", "a flood, spoofs and genuine mail at once through a real Postfix",
             [python("mta/flood.py", "--build", "$WORK/gcc")], ("gcc",), not_root),
        Step("mta-attacks-sendmail", "the same through a real Sendmail",
             [python("mta/attacks.py", "--server", "sendmail", "--build", "$WORK/gcc")], ("gcc",)),
        Step("package", "the Debian package, made and installed in bare roots", [python("package/run.py")]),
        Step("check-asan", "make check, sanitized", [checked("asan")], ("asan",)),
        Step("dns-asan", "assay dns over a table of zones, sanitized",
             [python("tool/dns_doctor.py", "--build", "$WORK/asan")], ("asan",)),
        Step("messages-asan", "every message scenario, sanitized",
             [python("messages/run.py", "--build", "$WORK/asan")], ("asan",)),
        Step("wire-asan", "the daemon over its socket, sanitized",
             [python("wire/run.py", "--build", "$WORK/asan", "--slow")], ("asan",)),
        Step("metrics-asan", "watching the daemon, sanitized",
             [python("metrics/run.py", "--build", "$WORK/asan", "--slow", "count", "answered", "drips", "flood", "hostile")], ("asan",)),
        Step("received-asan", "reports of others, and mutations of them, sanitized",
             [python("received/run.py", "--build", "$WORK/asan")], ("asan",)),
        Step("fuzz", "the fuzz targets with libFuzzer, sanitized, some seconds each",
             ["source/tests/fuzz/build.sh fuzz", python("fuzz/run.py", "--build", "fuzz", "--seconds", "4")], ("source",)),
        Step("wire-fuzz", "hostile mail servers, senders and name servers at once, sanitized",
             [python("fuzz/wire_fuzz.py", "--build", "$WORK/asan", "--seconds", "30"),
              *cut("fuzz/wire_fuzz.py", "--build", "$WORK/asan", "--seconds", "10")], ("asan",)),
        Step("tsan", "clang with the thread sanitizer",
             [configured("tsan", "--enable-sanitizers=thread", "CC=clang"), built("tsan")], ("source",)),
        Step("check-tsan", "the modules with threads, sanitized", [checked("tsan", THREADED)], ("tsan",)),
        Step("wire-tsan", "many connections at once, and copies of mail, sanitized",
             [python("wire/run.py", "--build", "$WORK/tsan", "--slow", "--only", "threads"),
              *cut("wire/run.py", "--build", "$WORK/tsan", "--slow", "--only", "threads"),
              python("wire/run.py", "--build", "$WORK/tsan", "--slow", "--only", "copies", "many", "chunks", "discard", "ceiling")],
             ("tsan",)),
        Step("wire-fuzz-tsan", "the same with the thread sanitizer",
             [python("fuzz/wire_fuzz.py", "--build", "$WORK/tsan", "--seconds", "20"),
              *cut("fuzz/wire_fuzz.py", "--build", "$WORK/tsan", "--seconds", "10")], ("tsan",)),
        Step("metrics-tsan", "watching the daemon while mail flows, sanitized",
             [python("metrics/run.py", "--build", "$WORK/tsan", "--slow", "lose", "flood", "drips", "changes")], ("tsan",)),
        Step("distcheck", "the tarball builds, installs, uninstalls",
             [configured("dist"), f"make --no-print-directory -C dist -j{JOBS} distcheck AM_MAKEFLAGS=TESTS="],
             ("gcc",)),
    ]


def coverage_steps(steps):
    """The steps that count lines, in a build of their own, and the one that adds up."""
    flags = "CFLAGS=-O0 -g -U_FORTIFY_SOURCE --coverage -fprofile-update=atomic"
    found = [Step("coverage-build", "gcc --coverage",
                  [configured("coverage", flags), built("coverage"), "rm -f coverage/*conftest.gc*; chmod -R a+rwX coverage"],     # daemons write as their users
                  ("source",), asked=True)]
    for step in steps:
        if step.name in COVERED:
            commands = [command.replace("$WORK/gcc", "$WORK/coverage") for command in step.commands]
            if step.name == "check":
                commands = [checked("coverage")]
            found.append(Step(f"{step.name}-coverage", f"{step.about}, counting lines", commands,
                              ("coverage-build",), asked=True))
    adds_up = Step("coverage", "at least 95 % of the lines, 97 % of policies/, run in tests",
                   [python("coverage.py", "$WORK/coverage", "$WORK/source")], asked=True,
                   needs=tuple(step.name for step in found), anyway=True)
    return [*found, adds_up]


def count(step, text, status):
    """Fills in the step's figures from its log."""
    step.reasons = re.findall(r"^ok - .*# SKIP (?:1\.\.0 # |# )?(?:SKIP|skipped)?:? *(.*)", text, re.MULTILINE)
    step.skipped = len(step.reasons)
    step.passed = len(re.findall(r"^ok - ", text, re.MULTILINE)) - step.skipped
    step.wrong = re.findall(r"^not ok - .*(?:\n# .*)*", text, re.MULTILINE)
    step.passed += len(re.findall(r"^\[       OK \]", text, re.MULTILINE))
    # cmocka names each skipped test twice too, without a reason
    idle = sorted(set(re.findall(r"^\[  SKIPPED \] (?!\d+ test)(.*)", text, re.MULTILINE)))
    step.reasons += [f"the machine does not allow {name}" for name in idle]
    step.skipped += len(idle)
    # cmocka names each failure twice: where it happens and in its summary
    step.wrong += sorted(set(re.findall(r"^\[  FAILED  \] (?!\d+ test).*", text, re.MULTILINE)))
    step.failed = len(step.wrong)
    if status == SKIPPED_STATUS and not step.failed:
        if not step.passed and not step.skipped:
            step.skipped, step.reasons = 1, re.findall(r"SKIP:? *(.*)", text)[:1]
    elif status != 0 and not step.failed:
        step.failed = 1
    elif step.passed + step.skipped + step.failed == 0:
        step.passed = 1


def end(child, number):
    """Signals all of a command."""
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        pass


class Run:
    def __init__(self, steps, work):
        self.steps = steps
        self.work = work
        self.lock = threading.Lock()
        self.stopping = False
        self.children = set()

    def command(self, step, command, log):
        environment = {"ASSAY_CONFORMANCE": str(ROOT.parent / "shared" / "conformance"), **os.environ,
                       **SANITIZER_OPTIONS, "WORK": str(self.work), "LC_ALL": "C.UTF-8",
                       "CMOCKA_MESSAGE_OUTPUT": "stdout", "PYTHONDONTWRITEBYTECODE": "1"}
        child = subprocess.Popen(["/bin/sh", "-c", command], cwd=self.work, env=environment, stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log, start_new_session=True)
        with self.lock:
            self.children.add(child)
        if self.stopping:   # since before it was in the set
            end(child, signal.SIGTERM)
        status = self.wait(child, log)
        with self.lock:
            self.children.discard(child)
        return status

    @staticmethod
    def wait(child, log):
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                return child.wait(SECONDS_MOST if number == signal.SIGTERM else lab_module.PATIENCE)
            except subprocess.TimeoutExpired:
                log.write(f"\nnot ok - it did not end within {SECONDS_MOST} s\n".encode())
                end(child, number)
        return child.wait()

    def run(self, step):
        began = time.monotonic()
        path = self.work / f"{step.name}.log"
        status = 0
        with open(path, "wb") as log:
            for command in step.commands:
                if status == 0 and not self.stopping:
                    status = self.command(step, command, log)
        step.seconds = time.monotonic() - began
        if not self.stopping:
            count(step, path.read_text(errors="replace"), status)
            self.say(step, path)
        return step

    def say(self, step, path):
        words = f"{step.passed} passed, {step.failed} failed"
        words += f", {step.skipped} skipped" if step.skipped else ""
        with self.lock:
            print(f"{'FAILED' if step.failed else 'ok':<6} {step.name:<22} {step.seconds:4.0f} s  {words:<28} {step.about}",
                  flush=True)
            if step.failed:
                shown = "\n".join(step.wrong[:30]) if step.wrong else lab_module.tail(path, 40)
                print("\n".join("       | " + line for line in shown.splitlines()), flush=True)

    def skip(self, step, why, as_failure):
        step.failed, step.skipped = (1, 0) if as_failure else (0, 1)
        step.reasons = [] if as_failure else [why]
        with self.lock:
            print(f"{'FAILED' if as_failure else 'skip':<6} {step.name:<22}         {why}", flush=True)

    def next_step(self, waiting, done):
        """A step whose needs are met; steps that cannot run any more are dealt with on the way."""
        for step in list(waiting):
            missing = [name for name in step.needs if done.get(name) is False and not step.anyway]
            if step.without or missing:
                waiting.remove(step)
                self.skip(step, step.without or f"{', '.join(missing)} did not work", bool(missing))
                done[step.name] = False
            elif all(name in done for name in step.needs):
                waiting.remove(step)
                return step
        return None

    def all(self):
        waiting, done = list(self.steps), {}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            running = set()
            while waiting or running:
                while len(running) < 2:
                    step = self.next_step(waiting, done)
                    if step is None:
                        break
                    running.add(pool.submit(self.run, step))
                if not running:
                    continue
                finished, running = concurrent.futures.wait(running, return_when=concurrent.futures.FIRST_COMPLETED)
                for one in finished:
                    # what stands on a build goes on if the build worked, whatever a test said
                    done[one.result().name] = one.result().failed == 0

    def stop(self, number, _frame):
        self.stopping = True
        for child in list(self.children):
            end(child, signal.SIGTERM)
        raise SystemExit(128 + number)


def chosen(steps, names):
    """The named steps and all that they need."""
    by_name = {step.name: step for step in steps}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        sys.exit(f"no step {', '.join(unknown)}; there are: {', '.join(by_name)}")
    wanted = set()

    def want(name):
        if name not in wanted:
            wanted.add(name)
            for need in by_name[name].needs:
                want(need)
    for name in names or [step.name for step in steps if not step.asked]:
        want(name)
    return [step for step in steps if step.name in wanted]


def print_reasons(steps):
    """Why cases were skipped, and how many in which step."""
    reasons = {}
    for step in steps:
        for reason in step.reasons:
            reasons.setdefault(reason.strip(), []).append(step.name)
    for reason, names in sorted(reasons.items(), key=lambda one: -len(one[1])):
        print(f"{len(names):>4} skipped: {reason} ({', '.join(sorted(set(names)))})")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder with builds and logs")
    parser.add_argument("--quick", action="store_true", help="for daily work: " + " ".join(QUICK_STEPS))
    parser.add_argument("--list", action="store_true", help="name the steps")
    parser.add_argument("steps", nargs="*")
    options = parser.parse_args()
    every = all_steps()
    every += coverage_steps(every)
    if options.list and not options.steps:
        options.steps = [step.name for step in every]
    steps = chosen(every, [*options.steps, *(QUICK_STEPS if options.quick else ())])
    if options.list:
        print("\n".join(f"{step.name:<22} {step.about}" for step in steps))
        return 0
    began = time.monotonic()
    if not (ROOT / ".git").exists() and (ROOT / "config.status").exists():
        sys.exit(f"{ROOT} is configured, and no other build of it can be made: make distclean there first")
    os.umask(0o022)     # some tests run programs as other users
    work = pathlib.Path(tempfile.mkdtemp(prefix="assay-test."))
    work.chmod(0o755)
    (work / "source").mkdir()
    tree.copy(ROOT, work / "source")
    run = Run(steps, work)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, run.stop)
    try:
        run.all()
    finally:
        failed = run.stopping or any(step.failed for step in steps)
        if options.keep or failed:
            print(f"logs are in {work}")
        if not (options.keep or failed):
            shutil.rmtree(work, ignore_errors=True)
    print_reasons(steps)
    passed, failed, skipped = (sum(getattr(step, what) for step in steps) for what in ("passed", "failed", "skipped"))
    print(f"{time.monotonic() - began:.0f} s" + (f", {skipped} skipped" if skipped else ""))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
