"""bench.py - what the cases of tests/reports share: a name server, a fresh outbox a case, and the list of cases."""
import contextlib
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
import outbox  # noqa: E402
import suite  # noqa: E402
import zone_server  # noqa: E402

ZONE = """\
_dmarc.example.org TXT v=DMARC1; p=reject
_dmarc.example.com TXT v=DMARC1; p=none
_dmarc.example.net TXT v=DMARC1; p=reject
example.org._report._dmarc.granted.example TXT v=DMARC1
*._report._dmarc.anybody.example TXT v=DMARC1;
example.org._report._dmarc.moved.example TXT v=DMARC1; rua=mailto:b@moved.example
example.org._report._dmarc.away.example TXT v=DMARC1; rua=mailto:b@elsewhere.example
example.org._report._dmarc.lost.example TXT !servfail
"""
NASTY = 'a<b>&"c]]>\u00e4'

CASES, case = suite.cases()


class Bench:
    def __init__(self, lab, build):
        self.lab = lab
        self.build = build
        self.port = zone_server.ZoneServer(lab, ZONE).port
        self.count = 0

    def outbox(self, *arguments, port=None, **more):
        self.count += 1
        return outbox.Outbox(self.lab, self.build, port or self.port, f"outbox{self.count}", *arguments, **more)


def ask(store, question):
    with contextlib.closing(sqlite3.connect(store)) as connection:
        return connection.execute(question).fetchall()
