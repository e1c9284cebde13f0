"""failures_daemon.py - failure reports from a message to the mail: assayd judges, `assay report send` sends."""
import email
import email.policy
import random
import re
import time

from bench import ask, case
import assayd
import milter_client
import zone_server
from outbox import SENDMAIL

ZONE = """\
_dmarc.example.org TXT v=DMARC1; p=reject; ruf=mailto:failures@example.org
example.org TXT v=spf1 -all
"""
OFF = """\
reports: {{ store = "{folder}/reports.db"; email = "dmarc@example.net"; automatic = false; sendmail = "{folder}/sendmail"; }};
networks: {{ ours = [ "198.51.100.0/24" ]; }};
"""
ON = OFF + 'failures: {{ send = true; domains = [ "example.org" ]; consolidate_minutes = 0; }};\n'
SHAPES = ("{0}", "{0} <{0}@example.org>", '"{0}" <"{0}"@example.org> ({0})', "=?utf-8?Q?{0}?= <{0}@example.net>",
          "from {0} ({0} [192.0.2.9]) by {0} with {0} id {0} for <{0}@example.org>; {0}", "<{0}@id.example.net>",
          "v=1; a={0}; d=example.org; s=k; i={0}@example.org; z=From:{0}@example.org; bh=aaaa; b=bbbb; h=from",
          'multipart/mixed; boundary="{0}"', "Fri, 15 Jan 2027 08:00:00 +0100 ({0})", "{0}'s list <list.example.org>")
NAMES = ("To", "Cc", "Subject", "Sender", "Reply-To", "Received", "Date", "List-Id", "DKIM-Signature", "Message-ID",
         "X-Mailer", "Comments", "Content-Type", "References", "Authentication-Results", "Return-Path", "X-Original-To")


def start(bench, settings):
    port = zone_server.ZoneServer(bench.lab, ZONE, name=f"dns_failures{bench.count}").port
    bench.count += 1
    name = f"daemon{bench.count}"
    daemon = assayd.Assayd(bench.lab, bench.build, dns_port=port, more=settings.format(folder=bench.lab.path(name)),
                           name=name, user="nobody", group="nogroup")
    sent = daemon.folder / "sent"
    sent.mkdir()
    sent.chmod(0o777)
    (daemon.folder / "sendmail").write_text(SENDMAIL.format(folder=sent))
    (daemon.folder / "sendmail").chmod(0o755)
    return daemon


def deliver(daemon, count, message, sender="anna@example.org"):
    with milter_client.Client(daemon.address) as client:
        client.start("192.0.2.66", "mail.example.com")
        for number in range(count):
            answer = client.deliver(message(number), sender(number) if callable(sender) else sender)
            assert answer.word in ("reply", "reject"), answer
        client.quit()


def send(daemon):
    daemon.stop()
    status, output, complaints = assayd.command([daemon.tool, "report", "send", "-c", daemon.configuration])
    assert status in (0, 75), (status, output, complaints)
    return output.decode()


def mails(daemon):
    return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted((daemon.folder / "sent").glob("*.mail"))]


@case
def without_the_settings_no_failure_is_kept(bench):
    daemon = start(bench, OFF)
    deliver(daemon, 20, lambda _: milter_client.plain(author="Jane <jane@example.org>"))
    assert b"F1" not in b"".join(path.read_bytes() for path in daemon.folder.glob("reports.db.rows/*"))
    output = send(daemon)
    assert "failure" not in output and not mails(daemon)
    for table in ("failures", "failure_key", "failure_mails", "failure_counts"):
        assert ask(daemon.store, f"SELECT count(*) FROM {table}") == [(0,)], table
    assert ask(daemon.store, "SELECT sum(count) FROM counted WHERE dmarc = 'fail'") == [(20,)]


@case
def nobody_is_named_in_failure_reports(bench):
    daemon = start(bench, ON)
    chance = random.Random(7)
    marks = [f"MaRk{chance.randrange(1 << 40)}zZ" for _ in range(1000)]

    def message(number):
        mark = marks[number]
        fields = [f"From: {mark} <{mark}@example.org>"]
        fields += [f"{name}: {chance.choice(SHAPES).format(mark)}" for name in NAMES]
        return ("\r\n".join(fields) + f"\r\n\r\nDear {mark},\r\n").encode()

    deliver(daemon, 1, lambda _: milter_client.plain(author="Jane <jane@example.org>"))
    time.sleep(2.5)     # until the store has made the key
    deliver(daemon, 1000, message, lambda number: f"{marks[number]}@example.org")
    daemon.stop()
    records = "".join(record for record, in ask(daemon.store, "SELECT record FROM failures")).lower()
    output = send(daemon)
    sent = mails(daemon)        # one on signed mail, one on the rest
    assert output.count("sent to failures@example.org") == len(sent) == 2 and not any(mail.defects for mail in sent), output
    octets = b"".join(mail.as_bytes() for mail in sent).lower()
    assert "redacted+" in records
    for mark in marks:
        assert mark.lower().encode() not in octets, mark
        assert mark.lower() not in records, mark
    reports = [mail.get_payload()[1].as_string() for mail in sent]
    assert sum(int(re.search(r"^Incidents: (\d+)$", report, re.MULTILINE)[1]) for report in reports) == 1000, reports
    assert all('SPF-DNS: txt : example.org : "v=spf1 -all"' in report for report in reports), reports
    for mail in sent:
        header = mail.get_payload()[2].get_payload()
        assert re.search(r"^From: redacted\+[\w-]{16}@example\.org$", header, re.MULTILINE), header
    [(made, key)] = ask(daemon.store, "SELECT made, key FROM failure_key")
    assert len(key) == 32 and abs(made - time.time()) < 3600
    status, output, _ = assayd.command([daemon.tool, "report", "failures", "list", "-c", daemon.configuration])
    assert status == 0 and b"sent" in output and b"example.org" in output, output
    status, output, _ = assayd.command([daemon.tool, "report", "failures", "show", "1", "-c", daemon.configuration])
    assert status == 0 and b"is erased" in output, output
    status, output, _ = assayd.command([daemon.tool, "report", "failures", "list", "--json", "-c", daemon.configuration])
    assert status == 0 and b'"state":"sent"' in output and b'"beyond":0' in output, output


@case
def programs_and_mail_of_ours_make_no_failure_reports(bench):
    daemon = start(bench, ON)
    deliver(daemon, 1, lambda _: milter_client.plain(author="Jane <jane@example.org>"), sender="")
    deliver(daemon, 1, lambda _: milter_client.plain(author="Jane <jane@example.org>", above=["Auto-Submitted: auto-replied"]))
    time.sleep(2.5)
    deliver(daemon, 1, lambda _: milter_client.plain(author="Jane <jane@example.org>"), sender="")
    send(daemon)
    assert not mails(daemon) and ask(daemon.store, "SELECT count(*) FROM failures") == [(0,)]
