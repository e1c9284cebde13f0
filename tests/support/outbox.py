"""outbox.py - a report store filled with rows, `assay report` to send them, and a sendmail command that keeps what it
gets: reports without a mail server."""
import os
import subprocess
import time

import assayd
import lab as lab_module
import report_mail
import tap

DAY = 86400
PERIOD = 1_600_000_000 // DAY * DAY     # a day of 2020: over, whatever the clock says
SETTLED = PERIOD + DAY + 600

# Refuses where a file `refuse` exists; a mail that it took waits as long as `hold` exists, with a file *.held beside
# it, and for the time in `slow`. It has its name only then.
SENDMAIL = """\
#!/bin/sh
cd '{folder}'
if [ -e refuse ]; then cat refuse; exit 75; fi
name=$$.$(date +%s%N)
printf '%s\\n' "$@" >"$name.arguments"
cat >"$name.part"
[ ! -e hold ] || : >"$name.held"
while [ -e hold ]; do sleep 0.05; done
[ ! -e slow ] || sleep "$(cat slow)"
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


def report_rows(build):
    """The program that puts rows into a store."""
    program = build / "tests/support/report_rows"
    if not program.exists():
        raise tap.Skip(f"{program} is not built")
    return program


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
        done = subprocess.run([report_rows(self.build), self.store, str(period_hours)],
                              input="".join(lines).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()

    def run(self, *words):
        """`assay report WORDS`: (status, standard output, standard error)."""
        status, output, complaints = assayd.command([self.build / "assay", "report", *words, "-c", self.settings])
        return status, output.decode(), complaints

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

    def refuse(self, words):
        (self.sent / "refuse").write_text(words)

    def accept(self):
        (self.sent / "refuse").unlink()

    def hold(self):
        """Mails that are handed over do not get on, until release()."""
        (self.sent / "hold").touch()

    def wait_for_held(self):
        lab_module.wait_until(lambda: list(self.sent.glob("*.held")), what="a mail to be handed over")

    def release(self):
        (self.sent / "hold").unlink()
