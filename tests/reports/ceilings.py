"""ceilings.py - what strangers can bring about: how large a report gets, how many there are, and what of it is told."""
import contextlib
import gzip
import hashlib
import json
import os
import re
import sqlite3

from bench import ask, case
import outbox
import report_mail
import sending
from outbox import DAY, PERIOD, SETTLED, moment


# How many reports
# ----------------------------------------------------------------------------------------------------------------------

@case
def a_record_that_changes_with_each_message_makes_one_report(bench):
    """Whatever the owner of a domain changes in it: the newest record counts."""
    variants = {"rua": lambda number: ",".join(f"mailto:r{number}x{one}@example.org" for one in range(5)), "p": ("none", "quarantine", "reject"),
                "sp": ("none", "reject"), "np": ("none", "reject"), "fo": lambda number: f"1:d:{number}", "adkim": ("r", "s"), "testing": ("y", "n"),
                "record_error": lambda number: f"no such tag: x{number}", "discovery": ("treewalk", "psl"), "psd": ("y", "n", "u")}
    for name, values in variants.items():
        box = bench.outbox()
        box.record(*({name: values(number) if callable(values) else values[number % len(values)], "received": PERIOD + number} for number in range(60)))
        box.record({"received": PERIOD + 10})
        box.send()
        assert len(box.mails()) == (5 if name == "rua" else 1), (name, len(box.mails()))
        assert {report.total() for report in box.reports()} == {61}, name
        assert name != "rua" or sending.recipients(box) == [f"r59x{one}@example.org" for one in range(5)], sending.recipients(box)
        [period] = json.loads(box.run("list", "--json")[1])["periods"]
        assert period["messages"] == 61 and len(period["reports"]) == 1, period
        assert "0 reports" in box.send(SETTLED + 3600)


def policies(names):
    """A message from each name, and from each third one two more."""
    return ({"policy_domain": name, "header_from": name, "rua": f"mailto:r@{name}", "times": 3 if number % 3 == 0 else 1} for number, name in enumerate(names))


def forged(names, rua="mailto:d@victim.example"):
    return ({"policy_domain": name, "rua": rua, "dmarc": "fail", "dkim_aligned": "fail", "times": 3} for name in names)


@case
def names_without_end_make_no_reports_without_end(bench):
    """One wildcard makes any number of policy domains."""
    spellings = {"evil.example": [f"x{number}.evil.example" for number in range(505)],
                 "evil2.example": ["evil2.example"] + [f"x{number}" + ".y" * (number % 20) + ".evil2.example" for number in range(504)],
                 "x7q.cc": [f"x{number}.y{number % 7}.x7q.cc" for number in range(505)],
                 "xn--bcher-kva.co.uk": [f"x{number}.xn--bcher-kva.co.uk" for number in range(505)]}
    box = bench.outbox()
    box.record({"policy_domain": "example.org"}, *(row for names in spellings.values() for row in policies(names)))
    output = box.send(SETTLED, "--dry-run")
    assert "2001 reports: 2001 mails would be sent" in output, output[-300:]
    for organization in spellings:
        assert f"5 reports on names below {organization}, such as " in output and ", with 5 messages, not sent" in output, output


@case
def beyond_the_ceiling_those_of_most_messages_go_out(bench):
    names = [f"x{number}.evil.example" for number in range(505)]
    box = bench.outbox()
    box.record(*policies(names), {"policy_domain": "example.org"})
    box.record(*(row | {"received": PERIOD + DAY} for row in policies(names)))
    output = box.send()
    assert "5 reports on names below evil.example" in output and "501 reports: 501 mails sent" in output, output
    assert sorted(set(names) - {report.domain for report in box.reports()}) == sorted(name for name, in ask(
        box.store, f"SELECT policy_domain FROM reports WHERE state = 'too many' AND period_begin = {PERIOD}"))
    assert all(name in {report.domain for report in box.reports()} for name in names[::3])
    assert "0 reports: 0 mails" in box.send(SETTLED + 3600)
    box.record(*policies([f"late.{name}" for name in names[:5]]))
    assert "0 reports: 0 mails" in box.send(SETTLED + 7200), "those that were sent count"
    assert "500 reports: 500 mails" in box.send(SETTLED + DAY, "--dry-run"), "the next day again"
    shown = [one["report"] for one in json.loads(box.run("list", "--json", "--day", moment(PERIOD)[:10])[1])["periods"]]
    assert (shown.count("sent"), shown.count("too many")) == (501, 10), shown
    assert "too many" in box.run("list")[1]


@case
def a_late_row_of_a_report_beyond_the_ceiling_holds_up_no_other(bench):
    """Of a message whose end comes when the run is over."""
    forged = [{"policy_domain": f"r{number}.victim.example", "rua": "mailto:d@victim.example", "dmarc": "fail", "dkim_aligned": "fail"} for number in range(60)]
    box = bench.outbox()
    box.record(*forged)
    output = box.send()
    assert "50 reports: " in output, output[-1500:]
    beyond = ask(box.store, "SELECT policy_domain FROM reports WHERE state = 'too many'")
    assert len(beyond) == 10, beyond
    box.record(*(row for row in forged if (row["policy_domain"],) in beyond), {"policy_domain": "example.org", "received": PERIOD + DAY})
    assert ask(box.store, "SELECT count(*) FROM reports WHERE policy_domain = 'example.org'") == [(1,)], "the row behind it"
    assert ask(box.store, "SELECT sum(count) FROM counted") == [(71,)]


@case
def forged_names_crowd_out_no_name_in_use(bench):
    """Where a wildcard of the owner's gives a record to whatever a forger invents."""
    box = bench.outbox()
    box.record(*forged([f"r{number}.victim.example" for number in range(80)]),
               *({"policy_domain": f"used{number}.victim.example", "rua": "mailto:d@victim.example"} for number in range(9)))
    output = box.send(SETTLED, "--dry-run")
    assert "59 reports: " in output and "30 reports on names below victim.example" in output, output
    assert all(f"on used{number}.victim.example, " in output for number in range(9)), output


@case
def owners_below_one_registry_do_not_share_a_ceiling(bench):
    box = bench.outbox()
    names = [f"d{number}.{suffix}" for number in range(505) for suffix in ("co.uk", "com.br")]
    box.record(*policies(names))
    assert f"{len(names)} mails would be sent" in box.send(SETTLED, "--dry-run")


# How large
# ----------------------------------------------------------------------------------------------------------------------

def fill_report(store, domain, rows, octets):
    """Rows that hardly compress, as many messages with long signatures of chance leave them."""
    with contextlib.closing(sqlite3.connect(store)) as connection, connection:
        [(sample,)] = connection.execute("SELECT counted.id FROM counted JOIN reports ON reports.id = report WHERE policy_domain = ?", (domain,))
        columns = ", ".join(name for _, name, *_ in connection.execute("PRAGMA table_info(counted)") if name not in ("id", "identity", "dkim"))
        for _ in range(rows):
            dkim = [{"domain": os.urandom(octets // 2).hex(), "selector": "", "result": "pass", "reason": ""}]
            connection.execute(f"INSERT INTO counted (identity, dkim, {columns}) SELECT randomblob(16), ?, {columns} FROM counted WHERE id = ?",
                               (json.dumps(dkim), sample))


def shortened(report):
    """The numbers that the report gives for what it leaves out: (of all, without other names, by source, the rest)."""
    [error] = [words for words in report.texts("error") if "too large for a mail" in words]
    return tuple(int(number) for number in re.findall(r"(?:of|messages,|/64\) and outcome alone, and|domains,) (\d+)", error))


@case
def a_report_that_fits_no_mail_is_told_with_less(bench):
    box = bench.outbox()
    box.record({"policy_domain": "a.example.org", "times": 3}, {"policy_domain": "b.example.org"})
    fill_report(box.store, "a.example.org", 800, 100_000)
    output = box.send()
    assert "2 reports: 2 mails sent" in output and "too large for a mail with all details: of 2403 messages" in output, output
    large, small = sorted(box.reports(), key=lambda report: -report.total())
    assert large.total() == 2403 and shortened(large)[0] == 2403 and len(large.content) < 5_100_000 and not report_mail.complaints(large)
    assert small.total() == 1 and small.texts("error") == []
    assert "0 reports" in box.send(SETTLED + DAY)


def word(number):
    """The same hundred and eighty octets of chance each time."""
    return "".join(hashlib.sha256(f"{number} {part}".encode()).hexdigest()[:45] + "." for part in range(4)) + "example"


def hostile(spelling, number):
    """A message that a stranger makes a row of its own, a way each."""
    row = {"source": f"198.18.{number >> 8 & 3}.{number & 255}", "dmarc": "fail", "disposition": "reject", "action": "reject", "dkim_aligned": "fail",
           "header_from": "victim.example", "policy_domain": "victim.example", "rua": "mailto:d@victim.example", "times": 1}
    return row | {"signatures": lambda: {"dkim": [f"{word(number * 10 + one)}/{word(-number)[:60]}/fail/x" for one in range(10)]},
                  "envelope": lambda: {"envelope_from": word(number), "spf_domain": word(number)},
                  "author": lambda: {"header_from": word(number) + ".victim.example", "spf_reason": word(-number)},
                  "selectors": lambda: {"dkim": [f"victim.example/{word(number * 10 + one)}/fail/x" for one in range(10)]},
                  "passes": lambda: {"dkim": [f"{word(number * 10 + one)}/s/pass/" for one in range(10)]},
                  "sources": lambda: {"source": f"2001:db8:{number >> 16:x}:{number & 65535:x}::1", "envelope_from": word(number)}}[spelling]()


@case
def a_flood_hides_no_row_of_the_victim(bench):
    """20,000 rows of a forger, by each thing that he can choose: the report goes out, with its owner's rows as they are."""
    true = [{"policy_domain": "victim.example", "header_from": "victim.example", "rua": "mailto:d@victim.example", "times": 40,
             "source": f"192.0.2.{number}", "dkim": f"victim.example/s{number}/pass/"} for number in range(5)]
    for spelling in ("signatures", "envelope", "author", "selectors", "passes", "sources"):
        box = bench.outbox()
        count = 20000 if spelling == "signatures" else 6000
        box.record(*(hostile(spelling, number) for number in range(count)), *true)
        output = box.send()
        [report] = box.reports()
        assert report.total() == count + 200, (spelling, report.total(), output)
        assert len(report.content) < 5_100_000 and os.path.getsize(box.store) < 80_000_000, (spelling, len(report.content), os.path.getsize(box.store))
        for number in range(5):
            assert report.texts("source_ip").count(f"192.0.2.{number}") == 1 and f"s{number}" in report.texts("selector"), spelling
        assert spelling != "signatures" or "messages were counted with fewer details" in output and "with fewer details" in report.texts("error")[0], (spelling, output)
        [period] = json.loads(box.run("list", "--json")[1])["periods"]
        assert (period["messages"], period["report"]) == (count + 200, "sent"), period


@case
def what_passed_is_told_whole_before_what_a_forger_repeats(bench):
    box = bench.outbox()
    rua = "mailto:d@example.org!100k"
    box.record(*({"rua": rua, "source": f"198.18.{number >> 8}.{number & 255}", "envelope_from": word(number), "dmarc": "fail", "dkim_aligned": "fail",
                  "times": 3} for number in range(4000)),
               *({"rua": rua, "source": f"192.0.2.{number}", "dkim": f"example.org/s{number}/pass/"} for number in range(50)))
    box.send()
    [report] = box.reports()
    assert report.total() == 12050 and len(report.content) < 75_000 and shortened(report)[0] == 12050, (report.total(), len(report.content))
    assert [one for one in report.texts("selector")] == sorted(f"s{number}" for number in range(50)), report.texts("selector")


def spread_row(store, domain, rows, dkim):
    """The row of the domain's report once more from each of so many sources."""
    with contextlib.closing(sqlite3.connect(store)) as connection, connection:
        columns = ", ".join(name for _, name, *_ in connection.execute("PRAGMA table_info(counted)") if name not in ("id", "identity", "dkim", "source"))
        connection.execute(f"INSERT INTO counted (identity, dkim, source, {columns}) WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)"
                           f" SELECT randomblob(16), ?, '10.1.' || (n / 256) || '.' || (n % 256), {columns} FROM n, counted"
                           " WHERE report = (SELECT id FROM reports WHERE policy_domain = ?)", (rows, json.dumps(dkim), domain))


@case
def a_report_unpacked_is_not_too_large_either(bench):
    """Rows that compress well: their number has an end, and so have the octets."""
    box = bench.outbox()
    box.record({"policy_domain": "many.example.org"}, {"policy_domain": "long.example.org"})
    spread_row(box.store, "many.example.org", 24_000, [])
    spread_row(box.store, "long.example.org", 9_000, [{"domain": "a" * 200 + ".example", "selector": "s", "result": "pass", "reason": ""}] * 10)
    box.send()
    reports = {report.domain: report for report in box.reports()}
    for domain, messages in (("many.example.org", 24_001), ("long.example.org", 9_001)):
        report = reports[domain]
        assert report.total() == messages and shortened(report)[0] == messages, domain
        assert len(report.texts("count")) <= 20_100 and len(gzip.decompress(report.content)) <= 20_100_000, domain
        assert not report_mail.complaints(report), domain


@case
def rows_that_are_folded_are_one(bench):
    """What looks alike in a report with fewer details is one record, not one for each message."""
    box = bench.outbox()
    box.record(*({"rua": "mailto:d@example.org!100k", "source": f"2001:db8:0:1::{number:x}",
                  "envelope_from": word(number), "dmarc": "fail", "dkim_aligned": "fail"} for number in range(9000)))
    box.send()
    [report] = box.reports()
    sources = report.texts("source_ip")
    assert report.total() == 9000 and len(report.content) < 75_000, (report.total(), len(report.content))
    assert sources.count("2001:db8:0:1::") <= 2, sources.count("2001:db8:0:1::")


@case
def what_fits_is_told_whole(bench):
    box = bench.outbox()
    box.record(*({"rua": "mailto:d@example.org!100k", "source": f"198.18.{number >> 8}.{number & 255}", "envelope_from": word(number)} for number in range(400)))
    box.send()
    [report] = box.reports()
    assert 40_000 < len(report.content) < 68_000 and report.texts("error") == [] and len(report.texts("count")) == 400, (len(report.content), report.texts("error"))


@case
def a_size_that_the_owner_asks_for_is_kept(bench):
    """In octets of the mail, whatever is written; what is no use is not."""
    for suffix, most in (("!500k", 500 << 10), ("!200k,mailto:b@example.org!1m", 200 << 10), ("!100k", 100 << 10), ("!1k", 8 << 20), ("", 8 << 20)):
        for dialect in ("rfc9990", "rfc7489"):
            box = bench.outbox(outbox.REPORTS + f' dialect = "{dialect}";')
            box.record({"rua": f"mailto:a@example.org{suffix}"},
                       *({"rua": f"mailto:a@example.org{suffix}", "source": f"198.18.{number >> 8}.{number & 255}", "envelope_from": word(number)}
                         for number in range(5000)))
            box.send()
            mails = [path.stat().st_size for path in box.sent.glob("*.mail")]
            assert all(mails) and max(mails, default=0) < most, (suffix, mails)
            assert len(mails) == (suffix.count("mailto:") + 1 if (suffix, dialect) != ("!1k", "rfc7489") else 0), (suffix, dialect, mails)
            assert all(report.total() == 5001 and not report_mail.complaints(report) for report in box.reports()), suffix


@case
def build_writes_what_would_be_sent(bench):
    box = bench.outbox()
    box.record({"policy_domain": "a.example.org"}, {"policy_domain": "b.example.org"})
    fill_report(box.store, "a.example.org", 800, 100_000)
    folder = box.folder / "built"
    folder.mkdir()
    status, output, complaints = box.run("build", folder, "--at", moment(SETTLED))
    assert status == 0 and output.startswith("2 reports with ") and " on 802 messages," in output, output
    assert "the report on a.example.org: too large for a mail with all details" in complaints, complaints
    assert len(list(folder.iterdir())) == 2 and all(path.stat().st_size < 5_100_000 for path in folder.iterdir())
    assert "too large for a mail with all details" in box.send(SETTLED, "--dry-run")
