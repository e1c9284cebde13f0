"""outbox.py - a report store filled with rows, `assay report` to send them, and a sendmail command that keeps what it
gets: reports without a mail server."""
import os
import pathlib
import subprocess
import time

import lab as lab_module
import report_mail

DAY = 86400
PERIOD = 1_600_000_000 // DAY * DAY     # a day of 2020: over, whatever the clock says
SETTLED = PERIOD + DAY + 600

# Refuses where a file `refuse` exists, waits where `slow` does; a mail has its name only when it is complete.
SENDMAIL = """\
#!/bin/sh
cd '{folder}'
[ ! -e slow ] || sleep "$(cat slow)"
if [ -e refuse ]; then cat refuse; exit 75; fi
name=$$.$(date +%s%N)
printf '%s\\n' "$@" >"$name.arguments"
cat >"$name.part"
mv "$name.part" "$name.mail"
"""

SETTINGS = """\
authserv_id = "mx.example.net";
listen = "unix:{folder}/assay.sock";
user = "{user}";
log: {{ target = "stderr"; }};
metrics: {{ listen = ""; }};
resolver: {{ servers = [ "127.0.0.1@{port}" ]; dnssec = false; timeout_ms = 2000; }};
reports: {{ store = "{store}"; {reports} }};
{more}
"""
REPORTS = 'organization = "Example Net"; email = "dmarc@example.net"; automatic = false; jitter_minutes = 0;'


def moment(seconds):
    return time.strftime("%Y-%m-%dT%H:%M", time.gmtime(seconds))


class Outbox:
    """Everything of one test in a folder of the lab."""

    def __init__(self, lab, build, port, name, reports=REPORTS, more=""):
        self.build = build
        self.folder = lab.path(name)
        self.folder.mkdir()
        self.store = self.folder / "reports.db"
        self.settings = self.folder / "assay.conf"
        self.port = port
        self.sendmail = self.folder / "sendmail"
        self.sent = self.folder / "sent"
        self.sent.mkdir()
        self.sendmail.write_text(SENDMAIL.format(folder=self.sent))
        self.sendmail.chmod(0o755)
        self.configure(reports, more)

    def configure(self, reports=REPORTS, more=""):
        if "sendmail" not in reports:
            reports += f' sendmail = "{self.sendmail}";'
        self.settings.write_text(SETTINGS.format(folder=self.folder, user="root" if os.geteuid() == 0 else "nobody",
                                                 port=self.port, store=self.store, reports=reports, more=more))

    def record(self, *rows, period_hours=24):
        """Each row is a dict of what is not standard; see report_rows.c. A list is several values of one name."""
        lines = []
        for row in rows:
            words = []
            for name, value in ({"received": PERIOD} | row).items():
                words += [f"{name}={one}" for one in (value if isinstance(value, list) else [value])]
            lines.append("\t".join(words) + "\n")
        done = subprocess.run([self.build / "tests/support/report_rows", self.store, str(period_hours)],
                              input="".join(lines).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def run(self, *words):
        """`assay report WORDS`: (status, standard output, standard error)."""
        done = subprocess.run([self.build / "assay", "report", *map(str, words), "-c", self.settings],
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=lab_module.system_environment(), check=False)
        complaints = done.stderr.decode(errors="replace")
        assert done.returncode >= 0 and "Sanitizer" not in complaints and "runtime error" not in complaints, \
            f"ended with {done.returncode}: {complaints[-3000:]}"
        return done.returncode, done.stdout.decode(), complaints

    def send(self, at=SETTLED, *words, status=0):
        got, output, complaints = self.run("send", "--at", moment(at), *words)
        assert got == status, f"ended with {got}: {output}{complaints}"
        return output

    def mails(self):
        """(arguments, report) of every mail handed over, oldest first."""
        paths = sorted(self.sent.glob("*.mail"), key=lambda path: path.name.split(".")[1])
        return [(path.with_suffix(".arguments").read_text().split("\n")[:-1], report_mail.read(path.read_bytes()))
                for path in paths]

    def reports(self):
        return [report for _, report in self.mails()]

    def forget_mails(self):
        for path in self.sent.glob("*.*"):
            path.unlink()

    def refuse(self, words):
        (self.sent / "refuse").write_text(words)

    def accept(self):
        (self.sent / "refuse").unlink()


def program_missing(build):
    return "" if (pathlib.Path(build) / "tests/support/report_rows").exists() else "tests/support/report_rows is not built"
