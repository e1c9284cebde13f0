"""lab.py - a temporary folder with processes in it: what every test that starts a daemon stands on.

Used by the demo, the Postfix tests and the wire tests. A Lab owns its folder and its processes; leaving it (also by a
signal) stops exactly those processes, by their process ids, and removes the folder. Where the lab itself is killed,
guard.py does that.
"""
import contextlib
import os
import pathlib
import pty
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

GUARD = pathlib.Path(__file__).resolve().with_name("guard.py")
PATIENCE = 60.0         # seconds until something counts as broken; on a busy machine a start may take twenty
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LabError(Exception):
    """Something did not start or did not answer; the text says what and shows the end of its log."""


def free_port(kind=socket.SOCK_STREAM):
    """A port of 127.0.0.1 that the kernel says is free; TCP and UDP both."""
    while True:
        with socket.socket(socket.AF_INET, kind) as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            other = socket.SOCK_DGRAM if kind == socket.SOCK_STREAM else socket.SOCK_STREAM
            with socket.socket(socket.AF_INET, other) as second:
                try:
                    second.bind(("127.0.0.1", port))
                except OSError:
                    continue
        return port


def tail(path, lines=25):
    try:
        text = pathlib.Path(path).read_text(errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.splitlines()[-lines:])


def wait_until(true, seconds=PATIENCE, what="it"):
    """Polls; the limit is generous since it only matters when something is broken."""
    end = time.monotonic() + seconds
    while True:
        value = true()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.02)


def alive(pid):
    """Does the process run? A zombie does not."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return False
    return state not in "ZX"


def running_with(word):
    """Does a process run that has the word in its command line?"""
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False


def started_at(pid):
    """When the process started, so that a process id that came round again is not mistaken for it."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return None


def end_programs_of(folder):
    """Kills what runs from a program in the folder: a daemon that went into the background where nobody expected it."""
    for path in pathlib.Path("/proc").glob("[0-9]*/exe"):
        try:
            if os.readlink(path).startswith(f"{folder}/"):
                os.kill(int(path.parent.name), signal.SIGKILL)
        except OSError:
            continue


class Process:
    """One child, its output in a log file."""

    def __init__(self, command, log, environment=None, user=None):
        self.command = [str(word) for word in command]
        self.log = pathlib.Path(log)
        with open(self.log, "ab") as output:
            self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                          env=environment, user=user, start_new_session=True)
        self.pid = self.child.pid

    def running(self):
        return self.child.poll() is None

    def stop(self, with_signal=signal.SIGTERM, seconds=PATIENCE):
        """Its exit status; killed where the signal does not help."""
        if self.running():
            self.child.send_signal(with_signal)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.child.kill()
        return self.child.wait()

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""


class Lab:
    """`with Lab("demo") as lab:`; lab.folder is world-searchable, since daemons in it run as other users."""

    def __init__(self, name, keep=False):
        self.name = name
        self.keep = keep
        self.folder = None
        self._guard = None
        self._stack = contextlib.ExitStack()

    def __enter__(self):
        os.umask(0o022)     # daemons that run as other users read what is written here
        self._guard = subprocess.Popen([sys.executable, GUARD], stdin=subprocess.PIPE, start_new_session=True)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"assay-{self.name}."))
        self.folder.chmod(0o755)
        if not self.keep:
            self._tell_guard(f"folder {self.folder}")
            self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self._stack.callback(end_programs_of, self.folder)
        return self

    def __exit__(self, *_):
        self._stack.close()
        self._tell_guard("done")
        self._guard.stdin.close()
        self._guard.wait()

    def _tell_guard(self, line):
        self._guard.stdin.write(line.encode() + b"\n")
        self._guard.stdin.flush()

    def guard(self, pid):
        """The process shall not outlive the lab, whatever happens."""
        self._tell_guard(f"process {pid} {started_at(pid)}")

    def guard_mount(self, folder):
        """The same for what is going to be mounted on a folder."""
        self._tell_guard(f"mount {folder}")

    def at_end(self, function, *arguments):
        self._stack.callback(function, *arguments)

    def run(self, name, command, **more):
        process = Process(command, self.folder / f"{name}.log", **more)
        self.guard(process.pid)
        self.at_end(process.stop)
        return process

    def path(self, *parts):
        return self.folder.joinpath(*parts)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path


def stop_on_signals():
    """Turns SIGTERM and SIGHUP into an exception, so that `with Lab` cleans up then too."""
    def leave(number, _frame):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)


def command_output(command, **more):
    """Standard output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, **more)
    if done.returncode != 0:
        raise LabError(f"{' '.join(done.args)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def on_terminal(command, environment, stream):
    """(exit status, octets) of a command whose "stdout" or "stderr" is a terminal; the other goes nowhere."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, env=environment,
                             **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: theirs})
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:     # the other end is closed
        pass
    os.close(ours)
    return child.wait(), shown


def connects(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def system_environment(**more):
    return {"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8", "HOME": "/", **more} | {
        key: os.environ[key] for key in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if key in os.environ}
