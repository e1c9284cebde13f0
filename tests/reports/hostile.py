"""hostile.py - a store in which whoever runs as the daemon's user has laid what he likes: root's `assay report` neither waits
for ever, nor works with root's rights, nor shows a terminal what it obeys."""
import contextlib
import csv
import io
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess

from bench import case
import lab as lab_module
from outbox import SETTLED, moment
from suite import for_root

NOBODY = 65534
PATIENCE = 60           # seconds; what hangs does so for ever
ENDLESS = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT {table}.* FROM {table}, r"


def subjects(box):
    folder = box.folder / "built"
    folder.mkdir(exist_ok=True)
    return (["list"], ["list", "--json"], ["show", "example.org"], ["build", folder, "--at", moment(SETTLED)],
            ["send", "--dry-run", "--at", moment(SETTLED)], ["send", "--at", moment(SETTLED)])


def ends(box, words, folder=None):
    """(status, all that it said) of a command that has to end by itself."""
    done = subprocess.run([str(word) for word in (box.build / "assay", "report", *words, "-c", box.settings)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, cwd=folder,
                          env=lab_module.system_environment(), check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def is_refused(box, expected, what):
    for words in subjects(box):
        status, said = ends(box, words)
        assert status == 66 and expected in said and said.count("\n") == 1, (what, words, status, said)


def recorded(bench, **more):
    box = bench.outbox(**more)
    box.record({"dkim": "example.org/s1/pass/"})
    return box


def give_away(box):
    """The store and its folder to a user, as the daemon's are."""
    home = box.folder / "home"
    home.mkdir()
    for path in box.folder.glob("reports.db*"):
        shutil.move(path, home / path.name)
    box.store = home / "reports.db"
    box.configure()
    for path in (home, *home.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    return home


def change(box, *statements):
    with contextlib.closing(sqlite3.connect(box.store, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


# What lies there
# ----------------------------------------------------------------------------------------------------------------------

def lay_socket(path):
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as one:
        one.bind(str(path))


@case
def what_is_no_regular_file_is_not_opened(bench):
    for name in ("reports.db", "reports.db-wal", "reports.db-shm", "reports.db-journal"):
        for lay in (os.mkfifo, os.mkdir, lay_socket):
            box = recorded(bench)
            (box.folder / name).unlink(missing_ok=True)
            lay(box.folder / name)
            is_refused(box, f"{name} is not a regular file", (name, lay))


@case
@for_root
def links_of_another_are_not_followed(bench):
    for name in ("reports.db", "reports.db-wal", "reports.db-shm", "reports.db-journal"):
        box = recorded(bench)
        private = box.folder / "private"
        private.mkdir(0o700)
        target = private / "target.db"
        shutil.copy(box.store, target)
        home = give_away(box)
        (home / name).unlink(missing_ok=True)
        (home / name).symlink_to(target)
        os.chown(home / name, NOBODY, NOBODY, follow_symlinks=False)
        is_refused(box, "symbolic link", name)
        assert os.listdir(private) == ["target.db"], os.listdir(private)


@case
@for_root
def a_folder_behind_a_link_of_another_is_not_entered(bench):
    box = recorded(bench)
    home = give_away(box)
    (box.folder / "private").mkdir(0o700)
    shutil.move(box.store, box.folder / "private" / "reports.db")
    (home / "way").symlink_to(box.folder / "private")
    os.chown(home / "way", NOBODY, NOBODY, follow_symlinks=False)
    for words in subjects(box)[:4]:
        status, said = ends(box, [*words, "--store", home / "way" / "reports.db"])
        assert status == 66 and "symbolic link" in said, (words, status, said)


@case
@for_root
def links_of_root_are_followed(bench):
    box = recorded(bench)
    (box.folder / "link.db").symlink_to(box.store)
    for words in subjects(box)[:5]:
        status, said = ends(box, [*words, "--store", box.folder / "link.db"])
        assert status == 0, (words, status, said)


# With whose rights
# ----------------------------------------------------------------------------------------------------------------------

@case
@for_root
def root_reads_with_the_rights_of_the_owner(bench):
    for what in ("store", "folder", "unnamed"):
        box = recorded(bench)
        home = give_away(box)
        box.store.chmod(0)
        if what == "folder":        # who owns the folder can lay there what he likes, also what is root's
            os.chown(box.store, 0, 0)
            box.store.chmod(0o600)
        if what == "unnamed":
            os.chown(box.store, 54321, 54321)
            os.chown(home, 0, 0)
        for words in subjects(box)[:4]:
            status, said = ends(box, words)
            assert status == 66 and f"as {'54321' if what == 'unnamed' else 'nobody'}, who owns" in said, (what, words, said)


@case
@for_root
def the_owner_of_the_current_folder_counts(bench):
    box = recorded(bench)
    home = give_away(box)
    os.chown(box.store, 0, 0)
    box.store.chmod(0o600)
    for name in ("reports.db", "./reports.db", box.store):
        status, said = ends(box, ["list", "--store", name], folder=home)
        assert status == 66 and "as nobody, who owns" in said, (name, status, said)
    os.chown(home, 0, 0)
    status, said = ends(box, ["list", "--store", "reports.db"], folder=home)
    assert status == 0, said


@case
@for_root
def root_builds_into_a_folder_of_its_own(bench):
    box = recorded(bench)
    give_away(box)
    folder = box.folder / "built"
    folder.mkdir(0o700)
    status, said = ends(box, ["build", folder, "--at", moment(SETTLED)])
    [built] = folder.iterdir()
    assert status == 0 and said.startswith("1 report with 1 record"), said
    assert (built.stat().st_uid, built.read_bytes()[:2]) == (0, b"\x1f\x8b"), built
    status, said = ends(box, ["build", folder, "--at", moment(SETTLED)])
    assert status == 73 and "File exists" in said, (status, said)
    for missing in (box.folder / "nowhere", box.settings):
        status, said = ends(box, ["build", missing, "--at", moment(SETTLED)])
        assert status == 73 and f"cannot write into {missing}" in said, (status, said)


@case
def a_policy_domain_leads_out_of_no_folder(bench):
    box = bench.outbox()
    for number, domain in enumerate(("../../evil", "a/b", "..", "/etc/evil", "x\x1b[31m", "\u00fc/\u202e")):
        box.record({"policy_domain": "example.org", "rua": f"mailto:{number}@example.org"})
        change(box, f"UPDATE reports SET policy_domain = '{domain}' WHERE policy_domain = 'example.org'")
    folder = box.folder / "built"
    folder.mkdir()
    before = sorted(path.name for path in box.folder.iterdir() if not path.name.startswith(box.store.name))
    status, said = ends(box, ["build", folder, "--at", moment(SETTLED)])
    assert status == 0 and said.startswith("6 reports"), said
    assert all(re.fullmatch(r"[A-Za-z0-9.!_-]+", path.name) for path in folder.iterdir()) and len(list(folder.iterdir())) == 6
    assert sorted(path.name for path in box.folder.iterdir() if not path.name.startswith(box.store.name)) == before


# What it says
# ----------------------------------------------------------------------------------------------------------------------

@case
def a_schema_that_is_not_ours_is_not_asked(bench):
    for table in ("counted", "reports", "deliveries"):
        box = recorded(bench)
        change(box, f"ALTER TABLE {table} RENAME TO other", f"CREATE VIEW {table} AS {ENDLESS.format(table='other')}")
        is_refused(box, "is not as Assay makes it", table)
    for statements in (["CREATE TRIGGER t AFTER UPDATE ON reports BEGIN SELECT 1; END"],
                       ["ALTER TABLE counted ADD COLUMN x AS (hex(zeroblob(100000000)))"],
                       ["DROP VIEW rows"], ["DROP TABLE clock"], ["DROP VIEW rows", "DROP TABLE counted"],
                       ["DROP INDEX reports_unfinished"],
                       ["DROP INDEX reports_by_period", "CREATE INDEX reports_by_period ON reports (hex(rua))"]):
        box = recorded(bench)
        change(box, *statements)
        is_refused(box, "report store", statements)
    box = recorded(bench)
    change(box, "CREATE INDEX mine ON counted (source)", "CREATE TABLE notes (x)", "ANALYZE")
    assert ends(box, ["list"])[0] == 0, "what an operator adds does no harm"


@case
def a_signal_ends_who_waits_for_the_store(bench):
    for words in (["send"], ["send", "--dry-run"], ["list"]):
        box = recorded(bench)
        with contextlib.closing(sqlite3.connect(box.store, isolation_level=None)) as holder:
            holder.execute("PRAGMA locking_mode = EXCLUSIVE")
            holder.execute("BEGIN EXCLUSIVE")
            child = subprocess.Popen([box.build / "assay", "report", *words, "-c", box.settings], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL, env=lab_module.system_environment())
            opened = f"/proc/{child.pid}/fd"
            lab_module.wait_until(lambda: child.poll() is not None or any(
                os.path.realpath(f"{opened}/{number}") == str(box.store) for number in os.listdir(opened)), what="the store")
            child.send_signal(signal.SIGTERM)
            assert child.wait(PATIENCE) == -signal.SIGTERM, (words, child.returncode)


# What is shown
# ----------------------------------------------------------------------------------------------------------------------

OBEYED = ("\x1b[31mX\x07", "\x1b]0;title\x07", "\u009b31mX", "a\u202eb", "a\u2066b\u2069", "a\u2028b", "a\u200f\u200e\u061cb", "\x7f\x08\x08", "a\r\nb\tc",
          "gr\u00fc\u00df\u4e00")
SEEN = "gr\u00fc\u00df\u4e00"


def holds_nothing_obeyed(octets, what):
    """But for the ends of lines."""
    shown = octets.decode()
    assert not re.search("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)", shown), (what, shown)


def write_everywhere(box, words):
    with contextlib.closing(sqlite3.connect(box.store)) as connection, connection:
        connection.execute("UPDATE counted SET source=?1, disposition=?1, override_type=?1, override_comment=?1, "
                           "spf_domain=?1, spf_result=?1, dmarc=?1, dkim_aligned=?1, spf_aligned=?1, dkim=?2",
                           (words, json.dumps([{"domain": words, "selector": words, "result": words}], ensure_ascii=False)))
        connection.execute("UPDATE reports SET words=?1, p=?1, rua=?1, report_id=?1, file_name=?1", (words,))


@case
def a_terminal_is_shown_nothing_that_it_obeys(bench):
    for words in OBEYED:
        box = recorded(bench)
        box.record({"header_from": "other.example.org"})
        write_everywhere(box, words)
        for given in (["list"], ["show", "example.org"]):
            for form in ([], ["--csv"], ["--json"]):
                what = (words, *given, *form)
                holds_nothing_obeyed(box.run(*given, *form)[1].encode(), what)
                command = [box.build / "assay", "report", *given, *form, "-c", box.settings]
                status, shown = lab_module.on_terminal(command, lab_module.system_environment(), "stdout")
                assert status == 0 and shown, what
                holds_nothing_obeyed(shown, what)
        change(box, f"UPDATE reports SET policy_domain = '{words}'")
        for given in (["list"], ["list", "--csv"], ["list", "--json"], *subjects(box)[3:5]):
            holds_nothing_obeyed(ends(box, given)[1].encode(), (words, *given))


@case
def what_is_escaped_keeps_its_meaning(bench):
    for words in OBEYED:
        box = recorded(bench)
        write_everywhere(box, words)
        [sender] = json.loads(box.run("show", "example.org", "--json")[1])["senders"]
        assert sender["source"] == words, (words, sender)
        [period] = json.loads(box.run("list", "--json")[1])["periods"]
        assert (period["words"], period["policy"], period["reports"][0]["words"]) == (words, words, words), (words, period)
        [row] = csv.DictReader(io.StringIO(box.run("list", "--csv")[1]))
        escaped = "".join(one if one in SEEN or one.isascii() and one.isprintable() else
                          "".join(f"\\x{octet:02X}" for octet in one.encode()) for one in words)
        assert row["words"] == escaped, (words, row)


@case
def octets_that_are_no_text_are_escaped(bench):
    for octets in ("fffe", "c29b9b", "e280", "f4908080", "eda080"):
        box = recorded(bench)
        change(box, f"UPDATE counted SET source = CAST(x'61{octets}' AS TEXT)")
        for form in ([], ["--csv"], ["--json"]):
            holds_nothing_obeyed(subprocess.run([box.build / "assay", "report", "show", "example.org", *form, "-c", box.settings],
                                                stdout=subprocess.PIPE, check=True).stdout, (octets, form))


@case
def complaints_hold_nothing_that_a_terminal_obeys(bench):
    box = recorded(bench)
    change(box, 'ALTER TABLE counted RENAME TO "c\x1b[31m\u202e"')
    for words in subjects(box):
        status, said = ends(box, words)
        assert status == 66, (words, status, said)
        holds_nothing_obeyed(said.encode(), words)
    for name in ("x\x1b[31m.db", "\u009b.db", "\u202e.db"):
        holds_nothing_obeyed(ends(box, ["list", "--store", box.folder / name])[1].encode(), name)
