#!/usr/bin/python3
"""received.py - reports of others through a real Postfix: mail that its sender signed reaches its mailbox, and what it
reports is in the store within a minute; forged mail changes no number.

    tests/mta/received.py [--build FOLDER] [--keep] [WORDS...]    only cases whose name has a word

Needs root, as Postfix does. One line a case, see tests/support/tap.py.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import lab as lab_module  # noqa: E402
import postfix  # noqa: E402
import received_mail  # noqa: E402
import signing  # noqa: E402
import suite  # noqa: E402
import zone_server  # noqa: E402
from received_mail import aggregate, mail, messages, numbers, reports, tls  # noqa: E402

SENDER, STRANGER = "192.0.2.10", "198.51.100.66"
ADDRESS, TLS_ADDRESS, DETAIL = "dmarc@example.net", "tls@example.net", "dmarc+example.net@example.net"
MINUTE = 60
ZONE = """\
example.org TXT v=spf1 ip4:192.0.2.10 -all
_dmarc.example.org TXT v=DMARC1; p=none
strict.example TXT v=spf1 ip4:192.0.2.10 -all
_dmarc.strict.example TXT v=DMARC1; p=reject
s1._domainkey.example.org TXT {key}
s1._domainkey.unknown.example TXT {key}
tls._domainkey.tls.example TXT {tls_key}
_dmarc.tls.example TXT v=DMARC1; p=none
"""
SETTINGS = f"""\
received: {{ addresses = [ "{ADDRESS}", "{TLS_ADDRESS}" ]; after = "deliver"; }};
dmarc: {{ enforce = "published"; }};
"""


class Site:
    """A name server, assayd and a Postfix, which delivers what comes to example.net."""

    def __init__(self, lab, build):
        self.lab = lab
        self.keys = signing.Keys()
        key = self.keys.record("rsa2048")
        self.names = zone_server.ZoneServer(lab, ZONE.format(key=key, tls_key=key.replace("k=rsa", "k=rsa; s=tlsrpt")))
        self.daemon = assayd.Assayd(lab, assayd.programs(build, lab), dns_port=self.names.port, more=SETTINGS)
        self.postfix = postfix.Postfix(lab, milters=f"unix:{self.daemon.socket}", domain="example.net", host="mx.example.net")
        self.store = self.daemon.store
        self.folder = pathlib.Path(f"{self.store}.received")

    def signed(self, message, domain="example.org", selector="s1"):
        return self.keys.sign(message, "rsa2048", domain, selector)

    def send(self, message, client=SENDER, sender="reports@example.org", recipient=ADDRESS):
        return postfix.swaks(self.lab, self.postfix.port, message, client=client, name="mail.example.org",
                             helo="mail.example.org", sender=sender, recipient=recipient)

    def comes_in(self, report_id):
        """Waits until the report is in the store: (trusted, repeated), and the seconds that it took."""
        began = time.monotonic()
        lab_module.wait_until(lambda: report_id in reports(self.store), MINUTE, f"the report {report_id}")
        return reports(self.store)[report_id], time.monotonic() - began

    def folder_is_empty(self):
        lab_module.wait_until(lambda: not list((self.folder / "new").iterdir()), MINUTE, "an empty folder")


CASES, case = suite.cases()


def equal(found, wanted, what):
    assert found == wanted, f"{what}: {found!r} instead of {wanted!r}"


@case("a report that its sender signed is delivered, and in the store within a minute")
def arrives(site):
    message = site.signed(mail(aggregate("postfix-one", count=5)))
    sent = site.send(message)
    equal(sent.code, "250", "the answer")
    raw = lab_module.wait_until(lambda: site.postfix.delivered(f"X-Original-To: {ADDRESS}\n") or
                                site.postfix.delivered("Submitter: example.org"), what="the mail in its mailbox")
    body = message.split(b"\r\n\r\n", 1)[1].replace(b"\r\n", b"\n").strip()
    assert body in raw, "the mail in the mailbox is another"
    (trusted, repeated), took = site.comes_in("postfix-one")
    equal((trusted, repeated, messages(site.store)), (True, 0, 5), "trusted, repeated, messages")
    assert took < MINUTE, took
    print(f"# in the store {took:.1f} s after Postfix took it", flush=True)
    site.folder_is_empty()
    status, said = site.daemon.run_tool("report", "list", "-c", site.daemon.configuration)
    assert status == 0, said
    assert re.search(r": action=accept .* copy=kept ", site.daemon.log_text()), "no copy=kept"
    assert "by example.org, on example.net, 5 messages: stored" in site.daemon.log_text()


@case("the same again, and to an address with a detail, counts once")
def again(site):
    before = numbers(site.store)
    for recipient in (ADDRESS, DETAIL):
        equal(site.send(site.signed(mail(aggregate("postfix-one", count=5))), recipient=recipient).code, "250", "the answer")
    lab_module.wait_until(lambda: reports(site.store)["postfix-one"][1] == 2, MINUTE, "two repetitions")
    equal(numbers(site.store), before, "the numbers")


@case("a forged report is delivered by its policy, and changes no number")
def forged(site):
    before = numbers(site.store)
    signed = site.signed(mail(aggregate("forged-0", count=1000)))
    forgeries = {
        "forged-0": re.sub(rb"(?m)^Subject: .*\r\n", b"Subject: x\r\n", signed).replace(b"b=", b"b=AA", 1),
        "forged-1": mail(aggregate("forged-1", count=1000)),
        "forged-2": mail(aggregate("forged-2", count=1000), author="reports@unknown.example"),
        "forged-3": b"assay-captured: 1\r\nauthor: example.org\r\n" + mail(aggregate("forged-3", count=1000)),
        "forged-4": b"Authentication-Results: mx.example.net; dmarc=pass header.from=example.org\r\n" +
                    mail(aggregate("forged-4", count=1000)),
        # signed by a domain that is not the author's
        "forged-5": site.signed(mail(aggregate("forged-5", count=1000)), domain="unknown.example"),
        # the id of a report that is there, with other numbers
        "postfix-one": mail(aggregate("postfix-one", count=1000, source="192.0.2.66")),
    }
    for name, message in forgeries.items():
        sent = site.send(message, client=STRANGER, sender="eve@evil.example")
        equal(sent.code, "250", f"the answer to {name}")
    for name in forgeries:
        if name != "postfix-one":
            (trusted, _), _ = site.comes_in(name)
            equal(trusted, False, f"{name} counts")
    site.folder_is_empty()
    equal(numbers(site.store), before, "the numbers")
    assert site.daemon.log_text().count("does not count: ") == len(forgeries), site.daemon.log_text()[-3000:]


@case("a forged report of a domain with p=reject is refused, and not even kept")
def rejected(site):
    site.folder_is_empty()
    before = reports(site.store)
    for author in ("reports@strict.example", "reports@example.org, eve@evil.example"):
        sent = site.send(mail(aggregate("rejected"), author=author), client=STRANGER, sender="eve@evil.example")
        equal(sent.code, "550", f"the answer to {author}")
    time.sleep(3)
    site.folder_is_empty()
    equal(reports(site.store), before, "the reports")


@case("a TLS report signed with a key for such reports counts; an aggregate report does not")
def tls_key(site):
    for name, content in (("tls-good", tls("tls-good")), ("aggregate-tls", aggregate("aggregate-tls")),
                          ("tls-changed", tls("tls-changed", failures=1000))):
        message = mail(content, author="tls@tls.example", file="r.json.gz", kind="application/tlsrpt+gzip")
        signed = site.signed(message, domain="tls.example", selector="tls")
        if name == "tls-changed":
            signed = signed.replace(b"To: dmarc@example.net", b"To: other@example.net")
        equal(site.send(signed, client=STRANGER, sender="tls@tls.example", recipient=TLS_ADDRESS).code, "250", f"the answer to {name}")
    equal(site.comes_in("tls-good")[0][0], True, "the TLS report counts")
    equal(site.comes_in("aggregate-tls")[0][0], False, "the aggregate report counts")
    equal(site.comes_in("tls-changed")[0][0], False, "a TLS report that was changed counts")
    rows = received_mail.ask(site.store, "SELECT sum(successes), sum(failures) FROM received_tls_days")
    equal(rows, [(7, 2)], "sessions")


@case("discard: the mail is taken, read and delivered to nobody; with another recipient it is delivered")
def discard(site):
    site.daemon.change('after = "deliver"', 'after = "discard"')

    def mailbox():
        return sorted(path.name for path in site.postfix.mail.rglob("*") if path.is_file() and "/new/" in str(path))
    before = mailbox()
    equal(site.send(site.signed(mail(aggregate("discarded")))).code, "250", "the answer")
    equal(site.comes_in("discarded")[0], (True, 0), "the report")
    equal(mailbox(), before, "the mailbox")
    lab_module.wait_until(lambda: "milter-discard" in site.postfix.log.read_text(), what="milter-discard in the log of Postfix")
    equal(site.send(site.signed(mail(aggregate("both"))), recipient=f"{ADDRESS},reader@example.net").code, "250", "the answer")
    equal(site.comes_in("both")[0], (True, 0), "the report")
    lab_module.wait_until(lambda: len(mailbox()) == len(before) + 2, what="the mail in both mailboxes")
    site.daemon.change('after = "discard"', 'after = "deliver"')


@case("what is no report is kept aside, and mail to others is not")
def no_report(site):
    letter = b"From: Anna <anna@example.org>\r\nTo: x\r\nSubject: a letter\r\nMessage-ID: <l@example.org>\r\n" \
             b"Date: Tue, 25 Nov 2025 01:00:00 +0000\r\n\r\nHow are you?\r\n"
    site.send(site.signed(letter), recipient="reader@example.net")
    site.send(site.signed(letter))
    lab_module.wait_until(lambda: list((site.folder / "unreadable").iterdir()), MINUTE, "the letter aside")
    time.sleep(1)
    aside = list((site.folder / "unreadable").iterdir())
    equal(len(aside), 1, "files aside")
    assert b"How are you?" in aside[0].read_bytes()
    assert "is no report that can be read" in site.daemon.log_text()
    status, said = site.daemon.run_tool("config", "-c", site.daemon.configuration)
    assert status == 0, said


def missing():
    if not shutil.which("postfix") or not shutil.which("swaks"):
        return "Postfix or swaks is missing"
    return "" if subprocess.run(["id", "-u"], stdout=subprocess.PIPE, check=True).stdout.strip() == b"0" else "needs root"


if __name__ == "__main__":
    if missing():
        print(f"1..0 # SKIP {missing()}")
        sys.exit(77)
    sys.exit(suite.main("mta-received", __doc__, CASES, Site))
