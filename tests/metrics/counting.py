"""counting.py - known messages give exactly known numbers."""
import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import time

import lab as lab_module
import outbox
import tap
from bench import BAD, GOOD, at_once, case, only, plain, served, started, wait_for

SIGNED_BY_LOGIN = """\
sign: ( {{ domain = "example.org"; keys = "{keys}"; users = [ "anna" ]; }}, {{ domain = "other.example"; keys = "{other}"; }} );
rules: ( {{ when = {{ client = [ "203.0.113.7" ]; }}; dmarc = "ignore"; why = "our own relay"; }},
         {{ when = {{ client = [ "203.0.113.8" ]; }}; dmarc = "quarantine"; why = "seen before"; }} );
resolver: {{ servers = [ "127.0.0.1@{port}" ]; dnssec = false; timeout_ms = 300; }};
limits: {{ header_bytes = 16384; }};
iprev: {{ check = true; }};
"""


def make_keys(bench, domain):
    """A folder with an RSA and an Ed25519 key that the daemon's user may read."""
    folder = bench.lab.path(f"keys{next(bench.numbers)}")
    settings = bench.lab.write(f"keys{next(bench.numbers)}.conf", 'authserv_id = "mx.example.net";\nuser = "nobody";\n')
    subprocess.run([bench.build / "assay", "key", "new", domain, "-c", settings, "--keys", folder], check=True,
                   stdout=subprocess.DEVNULL)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "nobody", folder], check=True)
    return folder


def without_from():
    return b"To: reader@example.net\r\nSubject: no author\r\n\r\nHello.\r\n"


def foreign(bench, daemon):
    """What each client sends; the DNS server answers as ZONE of tests/wire/bench.py has it."""
    signed = bench.signed(plain())
    by_client = {
        GOOD: [plain(), signed, signed.replace(b"Hello.", b"Hullo.")],
        BAD: [plain(), plain("shop.example"), plain("club.example"), plain(above=["List-Id: <talk.lists.example>"]), without_from(),
              plain("nowhere.example"), plain("silent.example"), plain(above=["X-Long: " + "x" * 20000])],
        "203.0.113.7": [plain()],
        "203.0.113.8": [plain("shop.example")],
    }
    for client, messages in by_client.items():
        with started(daemon, client) as link:
            for message in messages:
                link.deliver(message, sender="b@lists.example" if b"List-Id" in message else "anna@example.org")


def ours(daemon):
    with started(daemon) as link:
        link.deliver(plain(), login="anna")
        link.deliver(plain(), login="berta")
        link.deliver(plain("unknown.example"), login="anna")
        link.deliver(without_from(), login="anna")
        link.deliver(plain("other.example"), login="carla")


@case
def every_kind_of_message_is_counted_once(bench):
    keys, other = make_keys(bench, "example.org"), make_keys(bench, "other.example")
    more = SIGNED_BY_LOGIN.format(keys=keys, other=other, port=bench.dns.port)
    with served(bench, more) as (daemon, page):
        foreign(bench, daemon)
        ours(daemon)
        with started(daemon) as link:
            link.mail("anna@example.org")
            link.abort()
            wait_for(page, {"assay_messages_aborted_total": 1, "assay_report_rows_written_total": 13,
                            "assay_message_duration_seconds_count": 18, "assay_end_of_message_duration_seconds_count": 18,
                            "assay_messages_under_way": 0, "assay_connections": 1, "assay_connections_opened_total": 6,
                            "assay_report_rows_waiting": 0, "assay_report_rows_lost_total": 0, "assay_signing_keys": 4})
        only(page, "assay_messages_total", **{"foreign/accept": 7, "foreign/quarantine": 3, "foreign/reject": 3,
                                              "ours/accept": 5})
        only(page, "assay_message_reasons_total", ours=5, header_too_long=1, rule=1, unusable_author=1, dmarc_pass=3,
             dmarc_temperror=1, dmarc_fail=4, indirect_mail=1, dmarc_none=1)
        only(page, "assay_rules_applied_total", ignore=1, quarantine=1)
        only(page, "assay_signatures_total", **{"rsa-sha256": 2, "ed25519-sha256": 2})
        only(page, "assay_unsigned_messages_total", author=1, no_key=1, login=1)
        check_results(page)
        check_durations(page)
        check_lookups(bench, page)


def check_results(page):
    only(page, "assay_results_total", **{
        "spf/pass": 4, "spf/fail": 9, "spf_helo/none": 13, "dkim/none": 11, "dkim/pass": 1, "dkim/fail": 1, "dmarc/pass": 3,
        "dmarc/fail": 6, "dmarc/none": 1, "dmarc/temperror": 1, "dmarc/permerror": 2, "iprev/permerror": 13})
    only(page, "assay_dmarc_failures_total", reject=3, quarantine=2, none=1)


def check_durations(page):
    """Buckets add up, and no message takes less in all than in its last stage."""
    numbers = page.numbers()
    for metric in ("assay_message_duration_seconds", "assay_end_of_message_duration_seconds",
                   "assay_dns_lookup_duration_seconds"):
        buckets = [value for name, value in numbers.items() if name.startswith(metric + "_bucket")]
        assert buckets == sorted(buckets) and buckets[-1] == numbers[metric + "_count"], buckets
    assert numbers["assay_message_duration_seconds_sum"] >= numbers["assay_end_of_message_duration_seconds_sum"] > 0


def check_lookups(bench, page):
    """What was asked is what the DNS server heard, however often libunbound asked again."""
    numbers = page.numbers()
    heard = {(line.split()[-2], line.split()[-1]) for line in bench.dns.asked() if ".invalid" not in line}
    lookups = sum(value for name, value in numbers.items() if name.startswith("assay_dns_lookups_total"))
    assert lookups == numbers["assay_dns_lookup_duration_seconds_count"] > 0
    assert lookups == numbers['assay_dns_cache_requests_total{outcome="miss"}']
    # failures are kept for seconds only and asked again
    assert lookups >= len(heard), (lookups, heard)
    assert numbers['assay_dns_lookups_total{type="TXT",outcome="failed"}'] >= 1
    assert numbers["assay_dns_cache_entries"] <= lookups and numbers["assay_dns_lookups_in_flight"] == 0


@case
def messages_beyond_the_limit_are_counted_as_refused(bench):
    with served(bench, "limits: { messages = 1; };") as (daemon, page), started(daemon) as first, started(daemon) as second:
        first.mail("anna@example.org")
        assert second.mail("anna@example.org").word == "tempfail"
        wait_for(page, {'assay_messages_refused_total{reason="too_many"}': 1, "assay_messages_under_way": 1,
                        "assay_messages_under_way_limit": 1, "assay_connections": 2})


@case
def messages_beyond_the_share_of_a_client_are_counted_too(bench):
    with served(bench, "limits: { messages = 4; };") as (daemon, page), contextlib.ExitStack() as stack:
        clients = [stack.enter_context(started(daemon)) for _ in range(3)]
        assert [client.mail("anna@example.org").word for client in clients] == ["continue", "continue", "tempfail"]
        wait_for(page, {'assay_messages_refused_total{reason="client_messages"}': 1, "assay_messages_under_way": 2,
                        'assay_messages_refused_total{reason="too_many"}': 0})


@case
def many_at_once_lose_no_count(bench):
    threads, each = (4, 10) if bench.slow else (8, 50)

    def deliver(daemon):
        with started(daemon) as link:
            for _ in range(each):
                link.deliver(plain())
    with served(bench) as (daemon, page):
        at_once([lambda: deliver(daemon)] * threads)
        wait_for(page, {'assay_messages_total{origin="foreign",verdict="accept"}': threads * each,
                        'assay_results_total{method="dmarc",result="pass"}': threads * each,
                        "assay_message_duration_seconds_count": threads * each, "assay_report_rows_written_total": threads * each,
                        "assay_connections": 0, "assay_connections_opened_total": threads})


@case
def reloads_are_counted_and_a_failed_one_has_a_time(bench):
    with served(bench) as (daemon, page):
        wait_for(page, {"assay_settings_generation": 1, "assay_settings_failed_timestamp_seconds": 0})
        daemon.reload()
        wait_for(page, {"assay_settings_generation": 2})
        good = daemon.configuration.read_text()
        daemon.write_settings(good + "nonsense = 1;\n")
        before = int(time.time())
        daemon.reload()
        daemon.wait_for_log("were not reloaded")
        lab_module.wait_until(lambda: page.numbers()["assay_settings_failed_timestamp_seconds"] >= before, 60, "the failure")
        assert page.numbers()["assay_settings_generation"] == 2
        status, told = daemon.run_tool("status", "-c", daemon.configuration)
        assert status == 78, (status, told)
        daemon.write_settings(good)
        _, told = daemon.run_tool("status", "-c", daemon.configuration)
        assert "were not reloaded" in told and "nonsense" in told, told


@case
def keys_are_counted_and_have_an_age(bench):
    folder = make_keys(bench, "example.org")
    files = sorted(folder.rglob("*.pem"))
    os.utime(files[0], (time.time() - 90000,) * 2)
    with served(bench, f'sign: ( {{ domain = "example.org"; keys = "{folder}"; }} );') as (daemon, page):
        wait_for(page, {"assay_signing_keys": 2})
        assert 90000 <= page.numbers()["assay_signing_key_oldest_age_seconds"] < 91000
        files[0].unlink()
        daemon.reload()
        wait_for(page, {"assay_signing_keys": 1})
        assert page.numbers()["assay_signing_key_oldest_age_seconds"] < 3600


@case
def a_locked_store_is_told_and_takes_no_host_out(bench):
    with served(bench) as (daemon, page), started(daemon) as link:
        link.deliver(plain())
        wait_for(page, {"assay_report_rows_written_total": 1})
        locker = subprocess.Popen(["sqlite3", daemon.store], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        locker.stdin.write("BEGIN EXCLUSIVE;\nSELECT 'locked';\n")
        locker.stdin.flush()
        assert locker.stdout.readline() == "locked\n"
        try:
            link.deliver(plain())
            wait_for(page, {'assay_report_store_trouble{trouble="locked"}': 1, "assay_report_rows_waiting": 1})
            assert page.get("/health").status == 200
            _, told = daemon.run_tool("status", "-c", daemon.configuration)
            assert "another program holds the report store" in told, told
        finally:
            locker.communicate("COMMIT;\n")
        wait_for(page, {'assay_report_store_trouble{trouble="locked"}': 0, "assay_report_rows_waiting": 0,
                        "assay_report_rows_written_total": 2})


@case
def copies_of_mail_are_counted_until_they_are_read(bench):
    with served(bench, 'received: { addresses = [ "dmarc@example.net" ]; };') as (daemon, page), started(daemon) as link:
        folder = pathlib.Path(f"{daemon.store}.received")
        wait_for(page, {'assay_received_mails_total{outcome="kept"}': 0, "assay_received_mails_waiting": 0,
                        "assay_received_oldest_age_seconds": 0, "assay_received_mails_unreadable": 0})
        folder.mkdir(mode=0o700)
        with open(folder / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)        # the reader waits
            for path in (folder, folder / "lock"):
                if os.geteuid() == 0:
                    shutil.chown(path, "nobody")
            for recipient in ("dmarc@example.net", "reader@example.net"):
                link.deliver(plain(), recipients=(recipient,))
            link.deliver(plain(body=b"x" * (26 << 20)), recipients=("dmarc@example.net",))
            wait_for(page, {'assay_received_mails_total{outcome="kept"}': 1, "assay_received_mails_waiting": 1,
                            'assay_received_mails_total{outcome="too_large"}': 1})
            assert 4096 < page.numbers()["assay_received_mails_waiting_bytes"] < 8192
            _, told = daemon.run_tool("status", "-c", daemon.configuration)
            assert "1 kept to be read, 1 not" in told and "1 wait" in told, told
        wait_for(page, {"assay_received_mails_waiting": 0, "assay_received_mails_unreadable": 1,
                        "assay_received_oldest_age_seconds": 0})


@case
def reports_are_counted_whoever_sends_them(bench):
    rows = outbox.report_rows(bench.folder)
    sendmail = bench.lab.write(f"sendmail{next(bench.numbers)}", "#!/bin/sh\n[ ! -e \"$0.refuse\" ] || exit 75\ncat >/dev/null\n")
    sendmail.chmod(0o755)
    refuse = sendmail.with_name(sendmail.name + ".refuse")
    reports = f'organization = "Example Net"; email = "dmarc@example.net"; automatic = false; sendmail = "{sendmail}"; jitter_minutes = 0;'
    folder = bench.lab.path(f"store{next(bench.numbers)}")
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    store = folder / "reports.db"
    with served(bench, f'reports: {{ store = "{store}"; {reports} }};') as (daemon, page):
        wait_for(page, {"assay_reports_due": 0, "assay_report_oldest_age_seconds": 0})
        words = f"policy_domain=example.org\tp=reject\trua=mailto:r@example.org\treceived={int(time.time()) - 2 * 86400}\n"
        subprocess.run([rows, store, "24"], input=words, text=True, check=True, stdout=subprocess.DEVNULL)
        if os.geteuid() == 0:
            for path in folder.rglob("*"):
                shutil.chown(path, "nobody")
        wait_for(page, {"assay_reports_due": 1})
        _, told = daemon.run_tool("status", "-c", daemon.configuration)
        assert re.search(r"1 report waits to be sent, for \d+ hours", told), told
        assert 86400 <= page.numbers()["assay_report_oldest_age_seconds"] < 3 * 86400
        refuse.touch()
        daemon.run_tool("report", "send", "-c", daemon.configuration)
        wait_for(page, {"assay_reports_due": 0, "assay_report_deliveries_waiting": 1})
        _, told = daemon.run_tool("status", "-c", daemon.configuration)
        assert "0 reports to begin, 1 mail waiting" in told and "To do" not in told, told
        refuse.unlink()
        daemon.run_tool("report", "send", "-c", daemon.configuration, "--at",
                        time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + 3600)))
        wait_for(page, {"assay_report_deliveries_waiting": 0, 'assay_report_deliveries_total{outcome="sent"}': 1,
                        'assay_report_deliveries_total{outcome="given_up"}': 0, "assay_report_oldest_age_seconds": 0})


@case
def reports_of_others_are_counted_and_new_sources_are_told(bench):
    program = bench.folder / "tests/support/received_fill"
    if not program.exists():
        raise tap.Skip(f"{program} is not built")
    folder = bench.lab.path(f"store{next(bench.numbers)}")
    folder.mkdir()
    today = int(time.time()) // 86400 * 86400
    lines = []
    for age in range(20, 1, -1):
        begin = today - age * 86400
        lines += [f"report r.example example.org a{age} {begin} {begin + 86399}",
                  "record 300 192.0.2.1 none pass pass example.org example.org pass -"]
        if age > 10:
            lines += [f"report s.example example.org b{age} {begin} {begin + 86399}",
                      "record 1 192.0.2.1 none pass pass example.org example.org pass -"]
    lines += ["record 100 192.0.2.2 none fail fail example.org - none -", lines[-2],
              f"report - example.org f {today - 86400} {today - 1} untrusted",
              "record 999 192.0.2.3 none fail fail example.org - none -"]
    subprocess.run([program, folder / "reports.db"], input="\n".join(lines) + "\n", text=True, check=True)
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, "nobody")
    with served(bench, f'reports: {{ store = "{folder / "reports.db"}"; }}; '
                       'received: { addresses = [ "dmarc@example.org" ]; };') as (daemon, page):
        wait_for(page, {'assay_received_reports_total{kind="dmarc",outcome="stored"}': 29,
                        'assay_received_reports_total{kind="dmarc",outcome="duplicate"}': 1,
                        'assay_received_reports_total{kind="dmarc",outcome="untrusted"}': 1,
                        'assay_received_messages{domain="example.org"}': 1600,
                        'assay_received_failing_share{domain="example.org"}': 0.0625,
                        "assay_received_new_failing_sources": 1, "assay_received_silent_reporters": 1})
        _, told = daemon.run_tool("status", "-c", daemon.configuration)
        assert "1 source has not been seen before" in told and "1 reporter has sent no report" in told, told


@case
def nothing_is_counted_where_nothing_happens(bench):
    with served(bench, 'reports: { store = ""; };') as (_, page):
        quiet = {name: value for name, value in page.numbers().items() if name.startswith("assay_") and "_total" in name}
        assert quiet and not any(quiet.values()), quiet
        assert page.get("/health").status == 200

