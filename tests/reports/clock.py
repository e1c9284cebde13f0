"""clock.py - what is too old to be sent, and clocks that were wrong: ahead, behind, never set."""
import contextlib
import json
import sqlite3

from bench import ask, case
import outbox
from outbox import DAY, PERIOD, SETTLED, moment


def listed(box):
    """{first day of the period: what became of it}"""
    return {one["day"]: one["report"]
            for one in json.loads(box.run("list", "--json")[1])["periods"]}


def day(offset):
    return moment(PERIOD + offset * DAY)[:10]


def change(box, words, *values):
    with contextlib.closing(sqlite3.connect(box.store)) as connection, connection:
        connection.execute(words, values)


@case
def the_first_activation_sends_what_is_young(bench):
    box = bench.outbox("automatic = false;")
    box.record(*({"received": PERIOD + number * DAY} for number in range(60)))
    box.configure()
    output = box.send(SETTLED + 59 * DAY)
    begins = sorted(int(report.texts("begin")[0]) for report in box.reports())
    assert begins == [PERIOD + 58 * DAY, PERIOD + 59 * DAY], output
    assert "58 reports are too old to be sent" in output and "reports.retry_hours" in output, output
    words = listed(box)
    found = [words[day(number)] for number in (0, 57, 58, 59)]
    assert found == ["too old", "too old", "sent", "sent"], words
    assert "too old" in box.run("list")[1]
    assert "too old" not in box.send(SETTLED + 59 * DAY + 3600), "said twice"


@case
def the_scheduled_run_logs_it_once(bench):
    box = bench.outbox()
    box.record({}, {"policy_domain": "example.com", "rua": "mailto:a@example.com"})
    at = ("send", "--scheduled", "--at", moment(SETTLED + 14 * DAY))
    assert "reports: 2 reports are too old to be sent" in box.run(*at)[2]
    assert box.run(*at)[2] == "" and not box.mails()


@case
def the_age_limit_is_that_of_the_tries(bench):
    for hours, late, mails in ((48, 48 * 3600, 1), (48, 48 * 3600 + 60, 0), (1, 3600, 1),
                               (1, 3660, 0), (720, 30 * DAY, 1), (720, 30 * DAY + 60, 0)):
        box = bench.outbox(outbox.REPORTS + f" retry_hours = {hours};")
        box.record({})
        box.send(PERIOD + DAY + late)
        assert len(box.mails()) == mails, (hours, late)


@case
def reports_that_are_spread_do_not_grow_too_old_meanwhile(bench):
    box = bench.outbox(outbox.REPORTS.replace("jitter_minutes = 0", "jitter_minutes = 720") +
                       " retry_hours = 1;")
    box.record({})
    box.send(PERIOD + DAY + 12 * 3600)
    assert len(box.mails()) == 1


@case
def late_rows_of_an_old_period_are_not_sent(bench):
    box = bench.outbox()
    box.record({"times": 3})
    box.send()
    box.record({"times": 2})
    box.send(SETTLED + 5 * DAY)
    assert [report.total() for report in box.reports()] == [3]


@case
def a_dry_run_has_nothing_too_old_and_build_has_all_that_was_not_sent(bench):
    box = bench.outbox()
    box.record({}, {"received": PERIOD + 9 * DAY}, {"received": PERIOD + 11 * DAY})
    assert "1 report:" in box.send(SETTLED + 9 * DAY, "--dry-run")
    for name, mails in (("before", 2), ("after", 1)):
        folder = box.folder / name
        folder.mkdir()
        words = box.run("build", folder, "--at", moment(SETTLED + 9 * DAY))[1]
        assert words.startswith(f"{mails} report") and len(list(folder.iterdir())) == mails, words
        box.send(SETTLED + 9 * DAY)


@case
def the_age_limit_in_force_is_told(bench):
    for hours, jitter, limit in ((48, 60, 48), (1, 720, 13), (1, 60, 2), (1, 59, 1), (2, 119, 2), (2, 120, 3)):
        box = bench.outbox(outbox.REPORTS.replace("jitter_minutes = 0", f"jitter_minutes = {jitter}") + f" retry_hours = {hours};")
        box.record({})
        output = box.send(PERIOD + DAY + limit * 3600 + 60)
        assert f"more than {limit} hours ago" in output and not box.mails(), (limit, output)
        [(words,)] = ask(box.store, "SELECT words FROM reports")
        assert f"more than {limit} hours ago" in words, words


@case
def what_was_taken_in_time_is_tried_to_its_end(bench):
    box = bench.outbox()
    box.record({})
    box.refuse("no")
    box.send(PERIOD + 3 * DAY - 600, status=75)
    box.accept()
    box.send(PERIOD + 4 * DAY)
    assert len(box.mails()) == 1


@case
def a_failure_while_the_clock_was_ahead_does_not_wait_for_that_moment(bench):
    for column, value in (("next_attempt", SETTLED + 3650 * DAY), ("next_attempt", SETTLED + DAY),
                          ("next_attempt", 2 ** 40)):
        box = bench.outbox()
        box.record({})
        box.refuse("no")
        box.send(status=75)
        box.accept()
        change(box, f"UPDATE deliveries SET {column} = ?, changed = ?", value, value)
        change(box, "UPDATE reports SET taken = ?", value)
        box.send(SETTLED + 60)
        assert len(box.mails()) == 1, value


@case
def tries_end_though_the_clock_was_wrong_when_they_began(bench):
    for taken in (SETTLED + 3650 * DAY, 0):
        box = bench.outbox(outbox.REPORTS + " retry_hours = 2;")
        box.record({})
        box.refuse("no")
        box.send(status=75)
        change(box, "UPDATE reports SET taken = ?", taken)
        box.send(SETTLED + 1000, status=75)
        assert "1 given up" in box.send(SETTLED + 3 * 3600)


@case
def rows_of_1970_are_not_reported(bench):
    box = bench.outbox()
    box.record({"received": 0}, {"received": 86400 * 365}, {"received": 1}, {})
    box.send(SETTLED - DAY)
    box.send()
    assert [report.texts("begin") for report in box.reports()] == [[str(PERIOD)]]
    assert ask(box.store, "SELECT count(*) FROM counted") == [(1,)], "they age out like others"


@case
def rows_of_the_future_are_not_reported_when_it_comes(bench):
    box = bench.outbox()
    box.record({}, {"received": PERIOD + 3650 * DAY}, {"received": PERIOD + 5 * DAY})
    box.send()
    assert "2 reports are not sent: the rows were dated while the clock was ahead" in box.send(SETTLED + DAY)
    assert listed(box)[day(5)] == "not sent"
    for at in (3, 5, 6, 3651):
        box.send(SETTLED + at * DAY)
    assert [report.texts("begin") for report in box.reports()] == [[str(PERIOD)]]


@case
def true_rows_of_such_a_period_are_reported(bench):
    for first in (5, 3, 9):
        box = bench.outbox()
        box.record({"received": PERIOD + first * DAY, "times": 7})
        box.send(SETTLED - DAY)
        assert "1 report is not sent" in box.send()
        for at in range(1, first):
            box.send(SETTLED + at * DAY)
        box.record({"received": PERIOD + first * DAY, "times": 3})
        box.send(SETTLED + first * DAY)
        assert [report.total() for report in box.reports()] == [3], first


@case
def a_clock_that_is_behind_for_some_hours_sets_nothing_aside(bench):
    """At the start of a host without a clock of its own: by years, by days, on a new store and on an old one, once and twice."""
    for behind, runs_before, starts in ((200, 3, 1), (3, 3, 1), (200, 0, 1), (200, 3, 2), (200, 1, 1)):
        box = bench.outbox()
        box.record({"rua": ""})
        for at in range(-runs_before, 0):
            box.send(SETTLED + at * DAY)
        box.record({}, {"received": PERIOD - DAY, "policy_domain": "example.com", "rua": "mailto:a@example.com"})
        for _ in range(starts):
            for at in (0, 3600, 12 * 3600):
                output = box.send(SETTLED - behind * DAY + at)
                assert "clock was ahead" not in output, (behind, runs_before, output)
        box.send()
        assert sorted(report.domain for report in box.reports()) == ["example.com", "example.org"], (behind, runs_before, listed(box))


@case
def nothing_is_sent_by_a_clock_that_was_never_set(bench):
    box = bench.outbox()
    box.record({})
    status, _, complaints = box.run("send", "--at", "1970-01-01T03:00")
    assert status == 75 and "before 2020" in complaints and not box.mails(), complaints
    box.send()
    assert len(box.mails()) == 1


@case
def a_jump_ahead_takes_nothing_for_good(bench):
    """Not even where mail is recorded by the wrong clock; and not where the clock jumps to and fro."""
    for jumps in ((3650,), (3650, 3650), (3650, 400, 3650), (100,)):
        box = bench.outbox()
        box.record({"rua": "", "policy_domain": "a.example"})
        box.send(SETTLED - DAY)
        box.record({"policy_domain": "example.com", "rua": "mailto:a@example.com"})
        for number, ahead in enumerate(jumps):
            box.record({"received": PERIOD + ahead * DAY})
            for later in (0, 3600, 20 * 3600):
                output = box.send(SETTLED + ahead * DAY + later)
                assert "0 old rows deleted" in output, (jumps, output)
                assert ("the clock jumped" in output) == (later == 0), (jumps, output)
            assert listed(box)[day(0)] == ("sent" if number else "too old")
            assert "the clock jumped" in box.send(SETTLED + number * 3600)
        assert [report.domain for report in box.reports()].count("example.com") == 1
        assert ask(box.store, "SELECT count(*) FROM counted WHERE report IN (SELECT id FROM reports WHERE period_begin = ?)".replace(
            "?", str(PERIOD))) == [(2,)], jumps


@case
def old_rows_go_though_no_new_ones_come_and_runs_are_rare(bench):
    for step in (3600 * 24, 7 * DAY, 31 * DAY):
        box = bench.outbox(outbox.REPORTS + " keep_days = 10;")
        box.record({})
        for at in range(0, 13 * DAY + 3 * step, step):
            box.send(SETTLED + at)
        assert ask(box.store, "SELECT count(*) FROM counted") == [(0,)], step


@case
def rows_of_the_future_age_out_too(bench):
    box = bench.outbox(outbox.REPORTS + " keep_days = 10;")
    box.record({"received": PERIOD + 3650 * DAY})
    box.send(SETTLED - DAY)
    box.send()
    box.record({"received": PERIOD + 11 * DAY})
    box.send(SETTLED + 10 * DAY)
    assert "1 old row deleted" in box.send(SETTLED + 11 * DAY)
