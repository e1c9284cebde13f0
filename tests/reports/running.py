"""running.py - several processes, signals and kills; what is shown; what is kept; troubles; the daemon's own runs."""
import contextlib
import csv
import io
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import time

from bench import NASTY, ask, case
import kills
import lab as lab_module
import outbox
import small_disk
from outbox import DAY, PERIOD, SETTLED, moment


# More than one process
# ----------------------------------------------------------------------------------------------------------------------

def start(box, at=SETTLED, *words):
    return subprocess.Popen([box.build / "assay", "report", "send", "--at", moment(at), "-c", box.settings, *words],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env=lab_module.system_environment())


@case
def one_sends_at_a_time(bench):
    box = bench.outbox()
    box.record({})
    box.hold()
    first = start(box)
    box.wait_for_held()
    status, _, complaints = box.run("send", "--at", moment(SETTLED))
    assert status == 75 and "is sending reports from" in complaints, complaints
    box.release()
    assert first.wait() == 0 and first.stdout.read() and len(box.mails()) == 1


@case
def a_signal_ends_it_after_the_mail_under_way(bench):
    box = bench.outbox()
    box.record(*({"policy_domain": f"{name}.example.org"} for name in "abcd"))
    box.hold()
    first = start(box)
    box.wait_for_held()
    first.send_signal(signal.SIGTERM)
    box.release()
    assert first.wait() == 75 and b"stopped by a signal" in first.stdout.read()
    sent = len(box.mails())
    assert 1 <= sent < 4, sent
    box.send()
    assert sorted(report.domain[0] for report in box.reports()) == ["a", "b", "c", "d"]


@case
def killed_while_handing_over_it_repeats_the_same(bench):
    box = bench.outbox()
    box.record({"times": 5})
    box.hold()
    first = start(box)
    box.wait_for_held()
    first.kill()
    first.wait()
    first.stdout.close()
    box.release()
    lab_module.wait_until(box.mails, what="the mail that was under way")
    box.record({"times": 2})
    box.send(SETTLED + 60)
    reports = box.reports()
    assert sorted(report.total() for report in reports) == [2, 5, 5]
    one, other = (report for report in reports if report.total() == 5)
    assert (one.report_id, one.file_name, one.content) == (other.report_id, other.file_name, other.content)
    assert one.mail["Message-ID"] == other.mail["Message-ID"]


@case
def kills_at_random_moments_lose_nothing(bench):
    kills.run(bench.outbox(), 10, random.Random())


@case
def progress_is_for_terminals(bench):
    box = bench.outbox()
    box.record({}, {"policy_domain": "other.example.org"})
    status, shown = lab_module.on_terminal([box.build / "assay", "report", "send", "--at", moment(SETTLED), "-c", box.settings],
                                           lab_module.system_environment(), "stderr")
    assert status == 0 and b"] 1 of 2 reports" in shown and shown.endswith(b"\r\x1b[K"), shown
    box.record({})
    assert box.run("send", "--at", moment(SETTLED))[2] == ""


@case
def protections_that_stop_sendmail_are_named(bench):
    box = bench.outbox()
    box.record({})
    box.refuse("postdrop: cannot write")
    done = subprocess.run(["setpriv", "--no-new-privs", box.build / "assay", "report", "send", "--at", moment(SETTLED), "-c",
                           box.settings], stdout=subprocess.PIPE, env=lab_module.system_environment(), check=False)
    assert done.returncode == 75 and b"cannot write (no_new_privs is set" in done.stdout, done.stdout


# Looking
# ----------------------------------------------------------------------------------------------------------------------

@case
def tables_for_programs(bench):
    box = bench.outbox()
    box.record({"times": 3, "dkim": "example.org/s1/pass/"}, {"dmarc": "fail", "header_from": NASTY},
               {"override_type": "other", "override_comment": 'say "x", y'})
    [row] = csv.DictReader(io.StringIO(box.run("list", "--csv")[1]))
    assert (row["policy_domain"], row["messages"], row["passed"], row["report"]) == ("example.org", "5", "4", "due"), row
    assert row["begin"] == time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(PERIOD))
    rows = list(csv.DictReader(io.StringIO(box.run("show", "example.org", "--csv")[1])))
    assert [one["messages"] for one in rows] == ["3", "1"] and rows[1]["override_comment"] == 'say "x", y', rows
    assert rows[0]["dkim"] == "pass example.org/s1"
    listed = json.loads(box.run("list", "--json")[1])
    assert listed["store"]["rows"] == 3 and listed["store"]["bytes"] > 0 and listed["store"]["oldest"] == PERIOD
    for begin in ("-", "=", "+", "@", "\t", "\r", " -", "\n="):
        box = bench.outbox()
        box.record({"override_comment": "a comment"})
        with contextlib.closing(sqlite3.connect(box.store)) as connection, connection:
            connection.execute("UPDATE counted SET override_comment = ?", (f"{begin}1+cmd|x",))
        [row] = csv.DictReader(io.StringIO(box.run("show", "example.org", "--csv")[1], newline=""))
        assert row["override_comment"].startswith("'"), (begin, row)
    for words in (["list", "--csv", "--json"], ["send", "--json"], ["list", "--dry-run"], ["build"], ["show", "a..b"],
                  ["send", "--at", "tomorrow"], ["send", "--at", "2026-11-31T00:10"], ["list", "--day", "2026-02-30"], ["list", "x"], ["sned"]):
        status, output, complaints = box.run(*words)
        assert status == 64 and not output and complaints.count("\n") == 1, (words, status, complaints)
    assert "report show wants a DOMAIN" in box.run("show")[2]


@case
def settings_that_cannot_be(bench):
    box = bench.outbox()
    for reports, expected in (("period_hours = 5;", "not a multiple"), ('skip = [ "a b" ];', "reports.skip"),
                              ('sendmail = "sendmail";', "has to begin with /"), ('dialect = "xml";', "rfc9990"),
                              ('envelope_sender = "x";', "mail address"), ('email = "";', "does not say who")):
        box.configure(reports)
        box.record({})
        status, _, complaints = box.run("send")
        assert status == 78 and expected in complaints.replace("do not say who", "does not say who"), (status, complaints)


@case
def who_looks_needs_no_keys(bench):
    box = bench.outbox(more='sign: ( { domain = "example.org"; keys = "/nonexistent/s1.key"; } );')
    box.record({})
    folder = box.folder / "built"
    folder.mkdir()
    for words in (["list"], ["show", "example.org"], ["build", folder, "--at", moment(SETTLED)]):
        status, _, complaints = box.run(*words)
        assert (status, complaints) == (0, ""), (words, status, complaints)
    status, _, complaints = box.run("send")
    assert status == 78 and "/nonexistent/s1.key" in complaints, complaints


# Keeping
# ----------------------------------------------------------------------------------------------------------------------

@case
def rows_age_out_with_and_without_an_address(bench):
    box = bench.outbox(outbox.REPORTS + " keep_days = 10;")
    box.record({}, {"policy_domain": "norua.example", "rua": ""}, {"policy_domain": "", "rua": "", "p": ""},
               {"received": PERIOD + 5 * DAY})
    box.send()
    box.send(PERIOD + 10 * DAY)
    assert ask(box.store, "SELECT count(*) FROM counted") == [(4,)], "its period ended 9 days ago"
    assert "3 old rows deleted" in box.send(PERIOD + 11 * DAY + 300)
    assert ask(box.store, "SELECT count(*), (SELECT count(*) FROM reports) FROM counted") == [(1, 1)]


@case
def an_hourly_run_without_an_address_lets_old_rows_go_and_sends_nothing(bench):
    box = bench.outbox("automatic = false; keep_days = 10;")
    box.record({}, {"received": PERIOD + 5 * DAY})
    box.run("send", "--scheduled", "--at", outbox.moment(PERIOD + 10 * DAY + 300))
    status, _, complaints = box.run("send", "--scheduled", "--at", outbox.moment(PERIOD + 11 * DAY + 300))
    assert (status, box.mails()) == (0, []), complaints
    assert ask(box.store, "SELECT count(*) FROM counted") == [(1,)]
    box.settings.write_text(box.settings.read_text().replace(str(box.store), ""))
    status, _, complaints = box.run("send", "--scheduled")
    assert (status, complaints) == (0, ""), complaints


# Troubles
# ----------------------------------------------------------------------------------------------------------------------

@case
def stores_that_cannot_be_used_are_told(bench):
    box = bench.outbox()
    status, _, complaints = box.run("send")
    assert status == 66 and "there is no report store" in complaints, complaints
    box.record({})
    # closed, so that nothing of it stays in the log beside the store
    with contextlib.closing(sqlite3.connect(box.store)) as connection:
        connection.execute("PRAGMA user_version = 99")
    for words in (["send"], ["send", "--dry-run"], ["list"]):
        status, _, complaints = box.run(*words)
        assert status == 66 and "schema version 99" in complaints and "install" in complaints, complaints
    box.store.write_bytes(b"all work and no play" * 1000)
    status, _, complaints = box.run("send")
    assert status == 66 and "name another file" in complaints, complaints


@contextlib.contextmanager
def full_disk(bench, box, rows, pages=0):
    """A store with these rows on a disk of its own that has room for no more than some pages; gives what takes up the rest."""
    disk = box.folder / "disk"
    disk.mkdir()
    with small_disk.mounted(bench.lab, disk, 3 << 19):
        box.store = disk / "reports.db"
        box.configure()
        box.record(*rows)
        filler = small_disk.fill(disk)
        os.truncate(filler, max(0, filler.stat().st_size - pages * 4096))
        yield filler


@case
def a_full_disk_forgets_nothing(bench):
    box = bench.outbox()
    with full_disk(bench, box, [{"policy_domain": f"d{number}.example.org", "times": 2} for number in range(20)]) as filler:
        status, output, complaints = box.run("send", "--at", moment(SETTLED))
        assert status in (66, 74) and "make room" in complaints, (status, output, complaints)
        filler.unlink()
        box.send()
        reports = {report.report_id: report for report in box.reports()}
        assert sum(report.total() for report in reports.values()) == 40 and len(reports) == 20


@case
def a_disk_that_is_full_in_between_sends_nothing_twice(bench):
    """Whatever room there is: for the mark before a mail and not for the one after it, too."""
    for pages in (0, 8, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 28, 32):
        box = bench.outbox()
        with full_disk(bench, box, [{"policy_domain": f"d{number}.example.org"} for number in range(2)], pages) as filler:
            for hour in range(3):
                status, _, complaints = box.run("send", "--at", moment(SETTLED + hour * 3600))
                assert status == 0 or "make room" in complaints, (pages, status, complaints)
            filler.unlink()
            box.send(SETTLED + 3 * 3600)
            sent = [report.report_id for report in box.reports()]
            assert len(sent) == len(set(sent)) == 2, (pages, sent)


# The daemon
# ----------------------------------------------------------------------------------------------------------------------

AUTOMATIC = outbox.REPORTS.replace("automatic = false", "automatic = true")


def recently():
    """The day before yesterday: over by any clock, and not old enough to be thrown away."""
    return int(time.time()) // DAY * DAY - 2 * DAY


def start_daemon(bench, box):
    daemon = bench.lab.run(f"assayd{bench.count}", [bench.build / "assayd", "-f", "-c", box.settings],
                           environment=lab_module.system_environment())
    lab_module.wait_until(lambda: "judges mail" in daemon.text() or not daemon.running(), what="assayd")
    assert daemon.running(), daemon.text()
    return daemon


@case
def the_daemon_sends_by_itself(bench):
    box = bench.outbox(AUTOMATIC)
    box.record({"received": recently(), "times": 6}, {"received": recently(), "policy_domain": "other.example.org"})
    daemon = start_daemon(bench, box)
    lab_module.wait_until(lambda: len(box.mails()) == 2, what="the reports")
    lab_module.wait_until(lambda: "2 mails sent" in daemon.text(), what="the log")
    assert re.search(r"report [0-9a-f]{32} on example.org, .* sent to reports@example.org", daemon.text()), daemon.text()
    assert daemon.stop() == 0


@case
def a_sender_outlives_the_daemon(bench):
    box = bench.outbox(AUTOMATIC)
    box.record(*({"received": recently(), "policy_domain": f"{name}.example.org"} for name in "abc"))
    box.hold()
    daemon = start_daemon(bench, box)
    box.wait_for_held()
    os.kill(daemon.pid, signal.SIGUSR1)
    lab_module.wait_until(lambda: "settings read again" in daemon.text(), what="the reload")
    assert daemon.stop() == 0 and not box.mails()
    box.release()
    lab_module.wait_until(lambda: len(box.mails()) == 3, what="the other reports")
    lab_module.wait_until(lambda: ask(box.store, "SELECT count(*) FROM reports WHERE state = 'sent'") == [(3,)], what="the marks")


@case
def the_daemon_leaves_it_to_others(bench):
    box = bench.outbox()
    box.record({"received": recently()})
    daemon = start_daemon(bench, box)
    box.settings.write_text("nonsense")
    time.sleep(6)
    since_start = daemon.text().split("judges mail as", 1)[1].splitlines()
    assert not box.mails() and len(since_start) == 1, daemon.text()
    assert daemon.stop() == 0
