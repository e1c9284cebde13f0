"""tap.py - how every test script here says what it found: a line a case, which tests/run.py counts.

    ok - name
    not ok - name          followed by lines of explanation that begin with "# "
    ok - name # SKIP why
"""
import sys
import threading


class Skip(Exception):
    """Raised by a case that cannot be tried here, with the reason."""


class Tap:
    def __init__(self, name=""):
        self.prefix = f"{name}: " if name else ""
        self.passed = self.failed = self.skipped = 0
        self._lock = threading.Lock()

    def _say(self, text):
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def ok(self, name):
        with self._lock:
            self.passed += 1
            self._say(f"ok - {self.prefix}{name}")

    def fail(self, name, why=""):
        with self._lock:
            self.failed += 1
            explanation = "".join(f"\n# {line}" for line in str(why).splitlines())
            self._say(f"not ok - {self.prefix}{name}{explanation}")

    def skip(self, name, why):
        with self._lock:
            self.skipped += 1
            self._say(f"ok - {self.prefix}{name} # SKIP {why}")

    def check(self, name, holds, why=""):
        if holds:
            self.ok(name)
        else:
            self.fail(name, why)
        return bool(holds)

    def case(self, name, function, *arguments):
        """Runs one test function; an assertion or error of it is a failure with its text."""
        try:
            function(*arguments)
        except Skip as skip:
            self.skip(name, skip)
            return True
        except Exception as error:  # pylint: disable=broad-except
            self.fail(name, f"{type(error).__name__}: {error}")
            return False
        self.ok(name)
        return True

    def end(self):
        """The exit status. A script without any case has not found out anything: that is a failure."""
        count = self.passed + self.failed + self.skipped
        if count == 0:
            self.fail("a case at least")
            count = 1
        self._say(f"1..{count}")
        return 1 if self.failed else 0
