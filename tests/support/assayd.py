"""assayd.py - starts the daemon in a lab's folder and knows where its log, socket and store are."""
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess

import lab as lab_module
from lab import LabError

ROOT = pathlib.Path(__file__).resolve().parents[2]

SETTINGS = """\
authserv_id = "mx.example.net";
listen = "{listen}";
user = "{user}";
socket: {{ mode = "0660"; group = "{group}"; }};
log: {{ target = "stderr"; level = "{level}"; }};
resolver: {{ servers = [ "127.0.0.1@{dns_port}" ]; dnssec = false; }};
reports: {{ store = "{store}"; organization = "Example Net"; email = "dmarc-reports@example.net"; automatic = false; }};
networks: {{ ours = [ ]; }};
metrics: {{ listen = "{metrics}"; }};
"""


def settings_text(more, metrics="", **values):
    """The standard settings, without those that `more` has, and `more`."""
    standard = SETTINGS.format(metrics=metrics, **values).splitlines()
    given = set(re.findall(r"^(\w+)\s*[:=]", more, re.MULTILINE))
    return "\n".join([line for line in standard if re.match(r"\w+", line).group() not in given] + [more, ""])


def build_folder(given=None):
    """Where assay and assayd are: the argument, $ASSAY_BUILD, the current folder or the tree itself."""
    here = pathlib.Path.cwd()
    folder = pathlib.Path(given or os.environ.get("ASSAY_BUILD") or (here if (here / "assayd").exists() else ROOT)).resolve()
    for program in ("assayd", "assay"):
        if not (folder / program).exists():
            raise LabError(f"{folder / program} is not there: build first, or say where with --build")
    return folder


def programs(folder, lab):
    """The two programs where every user may run them: a build folder may lie below one that is closed to others."""
    copies = lab.path("bin")
    copies.mkdir()
    for program in ("assayd", "assay"):
        shutil.copy(folder / program, copies / program)
        (copies / program).chmod(0o755)
    return copies


COMPLAINT = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")


def command(words, given=b"", **environment):
    """(status, octets of standard output, standard error as text) of a program of ours: no signal may end it, and no
    sanitizer may complain of it."""
    done = subprocess.run([str(word) for word in words], input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=lab_module.system_environment(**environment), timeout=600, check=False)
    said = done.stderr.decode(errors="replace")
    assert done.returncode >= 0 and not COMPLAINT.search(said), f"ended with {done.returncode}: {said[-3000:]}"
    return done.returncode, done.stdout, said


class Assayd:
    """Started by the constructor, stopped at the end of the lab.

    As root it starts as root and becomes `user`; otherwise it runs as whoever runs the test. `more` is a fragment of
    assay.conf, a setting a line, that takes the place of the standard one; `settings` a whole one instead. `port` listens on TCP.
    `metrics` is where it serves them.
    """

    def __init__(self, lab, build, dns_port=1, more="", user="nobody", group="postfix", level="info", settings=None,
                 name="assayd", options=(), port=None, metrics="", prefix=()):
        self.lab = lab
        self.folder = lab.path(name)
        self.folder.mkdir()
        self.program = build / "assayd"
        self.tool = build / "assay"
        self.socket = self.folder / "assay.sock"
        self.address = ("127.0.0.1", port) if port else str(self.socket)
        self.listen = f"inet:{port}@127.0.0.1" if port else f"unix:{self.socket}"
        self.store = self.folder / "reports.db"
        self.configuration = self.folder / "assay.conf"
        self.options = list(options)
        self.prefix = list(prefix)      # of the command, to run it in a namespace for instance
        self.name = name
        if os.geteuid() == 0:
            account = pwd.getpwnam(user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        else:
            group = ""
        self.write_settings(settings or settings_text(
            more, listen=self.listen, user=user, group=group, level=level, dns_port=dns_port, store=self.store,
            metrics=metrics))
        self.process = None
        self.start()

    def write_settings(self, text):
        self.configuration.write_text(text)

    def start(self):
        self.process = self.lab.run(self.name, [*self.prefix, self.program, "-f", "-c", self.configuration, *self.options],
                                    environment=lab_module.system_environment())
        try:
            lab_module.wait_until(lambda: self.accepts() or not self.process.running(), what="assayd to listen")
        except LabError as error:
            raise LabError(f"{error}\n{lab_module.tail(self.process.log)}") from None
        if not self.process.running():
            raise LabError(f"assayd does not start:\n{lab_module.tail(self.process.log)}")

    def accepts(self):
        with socket.socket(socket.AF_INET if isinstance(self.address, tuple) else socket.AF_UNIX) as probe:
            try:
                probe.connect(self.address)
            except OSError:
                return False
        return True

    def log_text(self):
        return self.process.text()

    def check_log(self, warnings=False):
        """No sanitizer complained, and nothing was worth a warning unless they are expected."""
        text = self.log_text()
        assert not COMPLAINT.search(text) and (warnings or "warning" not in text), text[-3000:]

    def wait_for_log(self, words, seconds=lab_module.PATIENCE):
        lab_module.wait_until(lambda: words in self.log_text(), seconds, f'"{words}" in the log of assayd')

    def reload(self, with_signal=signal.SIGUSR1):
        os.kill(self.process.pid, with_signal)

    def change(self, old, new, with_signal=signal.SIGUSR1, words="settings read again"):
        """Puts `new` in the place of `old` in the settings and has them read again, until the log has the words once more:
        new connections have them then."""
        settings, told = self.configuration.read_text(), self.log_text().count(words)
        if old not in settings:
            raise LabError(f"{old} is not in the settings:\n{settings}")
        self.write_settings(settings.replace(old, new))
        self.reload(with_signal)
        lab_module.wait_until(lambda: self.log_text().count(words) > told, what=f'"{words}" in the log of assayd')

    def stop(self, with_signal=signal.SIGTERM, seconds=lab_module.PATIENCE):
        return self.process.stop(with_signal, seconds)

    def run_tool(self, *arguments):
        """`assay ...`: (status, standard output)."""
        done = subprocess.run([str(self.tool), *map(str, arguments)], env=lab_module.system_environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        return done.returncode, done.stdout
